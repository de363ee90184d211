#include "collector/store/target_rows.h"

#include <unordered_map>
#include <utility>

#include "collector/store/columns.h"
#include "collector/store/section_rows.h"

namespace muster::collector {
namespace {

struct HeldTarget {
  std::string reporter;
  uint64_t epoch = 0;
  std::optional<TimePoint> looked_at;
};

// Of one that is not there: nobody's.
absl::StatusOr<HeldTarget> held_target(Database& database, const std::string& target_id) {
  Statement row =
      database.prepare("SELECT reporter, epoch, last_report_at FROM target WHERE id = ?");
  const absl::StatusOr<bool> found = row.text(target_id).step();
  if (!found.ok()) return found.status();
  HeldTarget held;
  if (!*found) return held;
  held.reporter = row.column_text(0);
  held.epoch = row.column_unsigned(1);
  held.looked_at = time_of(row, 2);
  return held;
}

absl::Status write_head(Database& database, const TargetWrite& write) {
  return database
      .prepare(
          "INSERT INTO target (id, reporter, epoch, last_report_at) VALUES (?, ?, ?, ?)"
          " ON CONFLICT (id) DO UPDATE SET reporter = excluded.reporter, epoch = excluded.epoch,"
          " last_report_at = excluded.last_report_at")
      .text(write.target_id)
      .text(write.reporter)
      .unsigned_integer(write.epoch)
      .integer(to_column(write.looked_at))
      .run();
}

}  // namespace

absl::Status write_target(Database& database, const TargetWrite& write) {
  const absl::StatusOr<HeldTarget> held = held_target(database, write.target_id);
  if (!held.ok()) return held.status();
  const bool same_reporter = held->reporter == write.reporter;
  if (same_reporter ? write.epoch < held->epoch
                    : held->looked_at && write.looked_at < *held->looked_at) {
    return absl::OkStatus();
  }
  absl::Status status = write_head(database, write);
  if (status.ok() && (!same_reporter || write.epoch > held->epoch)) {
    status = reset_sequences(database, target_rows, write.target_id);
  }
  for (const SectionRecord& section : write.sections) {
    if (!status.ok()) return status;
    status = write_section(database, target_rows, write.target_id, section);
  }
  return status;
}

absl::Status write_target_times(Database& database, const TargetWrite& write) {
  const absl::Status status =
      database.prepare("UPDATE target SET last_report_at = ? WHERE id = ? AND epoch = ?")
          .integer(to_column(write.looked_at))
          .text(write.target_id)
          .unsigned_integer(write.epoch)
          .run();
  // Another one's by now.
  if (!status.ok() || database.changes() == 0) return status;
  return write_section_times(database, target_rows, write.target_id, write.sections);
}

absl::Status replace_target_memory(Database& database, const std::string& target_id,
                                   const policy::FirstSeen& memory) {
  // What nobody has seen yet can fail a control, too.
  absl::Status status =
      database.prepare("INSERT OR IGNORE INTO target (id, reporter, epoch) VALUES (?, '', 0)")
          .text(target_id)
          .run();
  if (status.ok()) status = replace_memory(database, target_rows, target_id, memory);
  return status;
}

absl::Status delete_targets(Database& database, const std::vector<std::string>& target_ids) {
  for (const std::string& id : target_ids) {
    absl::Status status = database.prepare("DELETE FROM target WHERE id = ?").text(id).run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredTarget>> read_targets(Database& database) {
  std::vector<StoredTarget> targets;
  {
    Statement rows =
        database.prepare("SELECT id, reporter, epoch, last_report_at FROM target ORDER BY id");
    const absl::Status read = for_each_row(rows, [&rows, &targets] {
      StoredTarget& target = targets.emplace_back();
      target.id = rows.column_text(0);
      target.reporter = rows.column_text(1);
      target.epoch = rows.column_unsigned(2);
      target.looked_at = time_of(rows, 3);
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
  }
  std::unordered_map<std::string, StoredTarget*> index;
  for (StoredTarget& target : targets)
    index.emplace(target.id, &target);
  absl::Status status = read_sections(database, target_rows,
                                      [&index](const std::string& owner, SectionRecord section) {
                                        const auto target = index.find(owner);
                                        if (target != index.end())
                                          target->second->sections.push_back(std::move(section));
                                      });
  if (!status.ok()) return status;
  status =
      read_memories(database, target_rows,
                    [&index](const std::string& owner, policy::SubjectKey key, TimePoint since) {
                      const auto target = index.find(owner);
                      if (target != index.end())
                        target->second->first_seen.emplace(std::move(key), since);
                    });
  if (!status.ok()) return status;
  return targets;
}

}  // namespace muster::collector
