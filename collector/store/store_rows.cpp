#include "collector/store/store_rows.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "collector/store/columns.h"
#include "collector/store/section_rows.h"
#include "collector/store/target_rows.h"

namespace muster::collector {
namespace {

absl::Status insert_labels(Database& database, const char* sql, const std::string& owner,
                           const std::map<std::string, std::string>& labels) {
  for (const auto& [name, value] : labels) {
    absl::Status status = database.prepare(sql).text(owner).text(name).text(value).run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status insert_host(Database& database, const HostRecord& host) {
  absl::Status status;
  {
    Statement insert = database.prepare(
        "INSERT INTO host (id, name, machine_id_hash, enrolled_at, last_sync_at, epoch,"
        " clock_offset_seconds) VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.text(host.id).text(host.name).text(host.machine_id_hash);
    insert.integer(to_column(host.enrolled_at));
    bind_time(insert, host.last_sync_at);
    status = insert.unsigned_integer(host.epoch).real(host.clock_offset_seconds).run();
  }
  if (!status.ok()) return status;
  status = insert_labels(database, "INSERT INTO host_label (host_id, name, value) VALUES (?, ?, ?)",
                         host.id, host.labels);
  if (!status.ok()) return status;
  return put_identity_row(database, host.id, host.identity);
}

absl::Status write_sync(Database& database, const SyncWrite& write) {
  uint64_t held_epoch = 0;
  {
    Statement held = database.prepare("SELECT epoch FROM host WHERE id = ?");
    const absl::StatusOr<bool> found = held.text(write.host_id).step();
    if (!found.ok()) return found.status();
    if (!*found) {
      return absl::NotFoundError(fmt::format("the store has no host with id {}", write.host_id));
    }
    held_epoch = held.column_unsigned(0);
  }
  if (write.epoch < held_epoch) {
    return absl::AbortedError("a report with a later epoch was committed in the meantime");
  }
  absl::Status status;
  if (write.epoch > held_epoch) {
    // Sequences count within an epoch: what is there is older than anything of the new one.
    status = reset_sequences(database, host_rows, write.host_id);
    if (!status.ok()) return status;
  }
  for (const SectionRecord& section : write.sections) {
    status = write_section(database, host_rows, write.host_id, section);
    if (!status.ok()) return status;
  }
  for (const TargetWrite& target : write.targets) {
    status = write_target(database, target);
    if (!status.ok()) return status;
  }
  return database
      .prepare("UPDATE host SET epoch = ?, last_sync_at = ?, clock_offset_seconds = ? WHERE id = ?")
      .unsigned_integer(write.epoch)
      .integer(to_column(write.synced_at))
      .real(write.clock_offset_seconds)
      .text(write.host_id)
      .run();
}

absl::Status write_times(Database& database, const SyncWrite& write) {
  const absl::Status status =
      database.prepare("UPDATE host SET last_sync_at = ?, clock_offset_seconds = ? WHERE id = ?")
          .integer(to_column(write.synced_at))
          .real(write.clock_offset_seconds)
          .text(write.host_id)
          .run();
  if (!status.ok()) return status;
  return write_section_times(database, host_rows, write.host_id, write.sections);
}

absl::Status replace_first_seen(Database& database, const std::string& host_id,
                                const policy::FirstSeen& first_seen) {
  return replace_memory(database, host_rows, host_id, first_seen);
}

absl::Status insert_token(Database& database, const TokenRecord& token) {
  absl::Status status = database.prepare("DELETE FROM token WHERE expires_at < ?")
                            .integer(to_column(token.created_at - std::chrono::days(1)))
                            .run();
  if (!status.ok()) return status;
  status = database
               .prepare(
                   "INSERT INTO token (sha256, created_at, expires_at, uses_left, host)"
                   " VALUES (?, ?, ?, ?, ?)")
               .text(token.sha256)
               .integer(to_column(token.created_at))
               .integer(to_column(token.expires_at))
               .integer(token.uses_left)
               .text(token.host)
               .run();
  if (!status.ok()) return status;
  return insert_labels(database,
                       "INSERT INTO token_label (token_sha256, name, value) VALUES (?, ?, ?)",
                       token.sha256, token.labels);
}

absl::StatusOr<TokenRecord> take_token_use(Database& database, const std::string& sha256,
                                           TimePoint now) {
  TokenRecord token;
  token.sha256 = sha256;
  {
    Statement row = database.prepare(
        "SELECT created_at, expires_at, uses_left, host FROM token"
        " WHERE sha256 = ?");
    const absl::StatusOr<bool> found = row.text(sha256).step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::NotFoundError("there is no such token");
    token.created_at = from_column(row.column_integer(0));
    token.expires_at = from_column(row.column_integer(1));
    token.uses_left = static_cast<uint32_t>(row.column_integer(2));
    token.host = row.column_text(3);
  }
  if (now >= token.expires_at) return absl::DeadlineExceededError("the token has expired");
  if (token.uses_left == 0) return absl::FailedPreconditionError("the token is used up");
  --token.uses_left;
  absl::Status status = database.prepare("UPDATE token SET uses_left = ? WHERE sha256 = ?")
                            .integer(token.uses_left)
                            .text(sha256)
                            .run();
  if (!status.ok()) return status;
  Statement labels = database.prepare("SELECT name, value FROM token_label WHERE token_sha256 = ?");
  labels.text(sha256);
  while (true) {
    const absl::StatusOr<bool> row = labels.step();
    if (!row.ok()) return row.status();
    if (!*row) return token;
    token.labels.emplace(labels.column_text(0), labels.column_text(1));
  }
}

}  // namespace muster::collector
