// Who holds which target, as rows.
#include <map>
#include <utility>

#include "collector/store/columns.h"
#include "collector/store/store_rows.h"

namespace muster::collector {
namespace {

absl::Status replace_target_lease(Database& database, const TargetLeaseRecord& target) {
  for (const char* sql : {"DELETE FROM target_holder WHERE target = ?",
                          "DELETE FROM target_refusal WHERE target = ?"}) {
    absl::Status status = database.prepare(sql).text(target.target).run();
    if (!status.ok()) return status;
  }
  for (const HolderRecord& holder : target.holders) {
    Statement row = database.prepare(
        "INSERT INTO target_holder (target, host_id, not_before, ends) VALUES (?, ?, ?, ?)");
    row.text(target.target).text(holder.host_id).integer(to_column(holder.not_before));
    bind_time(row, holder.ends);
    if (absl::Status status = row.run(); !status.ok()) return status;
  }
  for (const std::string& host_id : target.refused_by) {
    absl::Status status =
        database.prepare("INSERT INTO target_refusal (target, host_id) VALUES (?, ?)")
            .text(target.target)
            .text(host_id)
            .run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<LeaseHorizon>> read_horizon(Database& database) {
  Statement row = database.prepare("SELECT ends, set_at, uptime, boot_id FROM lease_horizon");
  const absl::StatusOr<bool> found = row.step();
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<LeaseHorizon>();
  return LeaseHorizon{.ends = from_column(row.column_integer(0)),
                      .set_at = from_column(row.column_integer(1)),
                      .uptime = Duration(row.column_integer(2)),
                      .boot_id = row.column_text(3)};
}

}  // namespace

absl::Status write_leases(Database& database, const LeaseWrite& write) {
  for (const TargetLeaseRecord& target : write.targets) {
    if (absl::Status status = replace_target_lease(database, target); !status.ok()) return status;
  }
  if (!write.horizon) return absl::OkStatus();
  return database
      .prepare(
          "INSERT OR REPLACE INTO lease_horizon (id, ends, set_at, uptime, boot_id)"
          " VALUES (1, ?, ?, ?, ?)")
      .integer(to_column(write.horizon->ends))
      .integer(to_column(write.horizon->set_at))
      .integer(write.horizon->uptime.count())
      .text(write.horizon->boot_id)
      .run();
}

absl::StatusOr<StoredLeases> read_leases(Database& database) {
  std::map<std::string, TargetLeaseRecord> targets;
  Statement holders =
      database.prepare("SELECT target, host_id, not_before, ends FROM target_holder");
  absl::Status status = for_each_row(holders, [&holders, &targets] {
    targets[holders.column_text(0)].holders.push_back(
        {.host_id = holders.column_text(1),
         .not_before = from_column(holders.column_integer(2)),
         .ends = time_of(holders, 3)});
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  Statement refusals = database.prepare("SELECT target, host_id FROM target_refusal");
  status = for_each_row(refusals, [&refusals, &targets] {
    targets[refusals.column_text(0)].refused_by.push_back(refusals.column_text(1));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  absl::StatusOr<std::optional<LeaseHorizon>> horizon = read_horizon(database);
  if (!horizon.ok()) return horizon.status();
  StoredLeases leases{.targets = {}, .horizon = *std::move(horizon)};
  leases.targets.reserve(targets.size());
  for (auto& [name, target] : targets) {
    target.target = name;
    leases.targets.push_back(std::move(target));
  }
  return leases;
}

}  // namespace muster::collector
