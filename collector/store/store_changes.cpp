// What operators and renewals change of hosts and tokens, as rows.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "collector/store/columns.h"
#include "collector/store/store_rows.h"

namespace muster::collector {
namespace {

// By the number of their Standing.
constexpr std::array<const char*, 3> kStandings = {"active", "quarantined", "revoked"};

absl::StatusOr<Standing> standing_of(const std::string& text) {
  for (size_t number = 0; number < kStandings.size(); ++number) {
    if (text == kStandings.at(number)) return static_cast<Standing>(number);
  }
  return absl::DataLossError("the store has a host with a standing that is none");
}

absl::Status no_such_host(const std::string& host_id) {
  return absl::NotFoundError(fmt::format("the store has no host with id {}", host_id));
}

absl::StatusOr<bool> has_host(Database& database, const std::string& host_id) {
  Statement row = database.prepare("SELECT 1 FROM host WHERE id = ?");
  return row.text(host_id).step();
}

}  // namespace

absl::Status put_identity_row(Database& database, const std::string& host_id,
                              const IdentityRecord& identity) {
  const absl::StatusOr<bool> found = has_host(database, host_id);
  if (!found.ok()) return found.status();
  if (!*found) return no_such_host(host_id);
  Statement row = database.prepare(
      "INSERT OR REPLACE INTO host_identity (host_id, standing, reason, since, generation,"
      " key_sha256, certificate_not_after, ca_sha256, adopts_next, least_generation)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  row.text(host_id)
      .text(kStandings.at(static_cast<size_t>(identity.standing)))
      .text(identity.reason);
  bind_time(row, identity.since);
  row.unsigned_integer(identity.generation).blob(identity.key_sha256);
  bind_time(row, identity.not_after);
  return row.text(identity.ca_sha256)
      .integer(identity.adopts_next ? 1 : 0)
      .unsigned_integer(identity.least_generation)
      .run();
}

absl::Status rename_host_row(Database& database, const std::string& host_id,
                             const std::string& name) {
  const absl::StatusOr<bool> found = has_host(database, host_id);
  if (!found.ok()) return found.status();
  if (!*found) return no_such_host(host_id);
  return database.prepare("UPDATE host SET name = ? WHERE id = ?").text(name).text(host_id).run();
}

absl::Status delete_host(Database& database, const std::string& host_id) {
  const absl::StatusOr<bool> found = has_host(database, host_id);
  if (!found.ok()) return found.status();
  if (!*found) return no_such_host(host_id);
  return database.prepare("DELETE FROM host WHERE id = ?").text(host_id).run();
}

absl::Status delete_tokens(Database& database, const std::string& id) {
  absl::Status status = database.prepare("DELETE FROM token WHERE substr(sha256, 1, length(?)) = ?")
                            .text(id)
                            .text(id)
                            .run();
  if (status.ok() && database.changes() == 0) return absl::NotFoundError("there is no such token");
  return status;
}

absl::StatusOr<std::unordered_map<std::string, IdentityRecord>> read_identities(
    Database& database) {
  std::unordered_map<std::string, IdentityRecord> identities;
  Statement row = database.prepare(
      "SELECT host_id, standing, reason, since, generation, key_sha256, certificate_not_after,"
      " ca_sha256, adopts_next, least_generation FROM host_identity");
  while (true) {
    const absl::StatusOr<bool> found = row.step();
    if (!found.ok()) return found.status();
    if (!*found) return identities;
    const absl::StatusOr<Standing> standing = standing_of(row.column_text(1));
    if (!standing.ok()) return standing.status();
    IdentityRecord identity;
    identity.standing = *standing;
    identity.reason = row.column_text(2);
    identity.since = time_of(row, 3);
    identity.generation = row.column_unsigned(4);
    identity.key_sha256 = row.column_text(5);
    identity.not_after = time_of(row, 6);
    identity.ca_sha256 = row.column_text(7);
    identity.adopts_next = row.column_integer(8) != 0;
    identity.least_generation = row.column_unsigned(9);
    identities.emplace(row.column_text(0), std::move(identity));
  }
}

}  // namespace muster::collector
