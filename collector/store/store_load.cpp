// Reading back what store_rows.cpp writes.
#include <unordered_map>
#include <utility>

#include "collector/store/columns.h"
#include "collector/store/section_rows.h"
#include "collector/store/store_rows.h"

namespace muster::collector {
namespace {

absl::Status read_labels(Database& database, const char* sql,
                         const std::function<void(std::string, std::string, std::string)>& add) {
  Statement rows = database.prepare(sql);
  return for_each_row(rows, [&rows, &add] {
    add(rows.column_text(0), rows.column_text(1), rows.column_text(2));
    return absl::OkStatus();
  });
}

// Where each host of the result is, so that its rows in other tables find it.
using HostIndex = std::unordered_map<std::string, StoredHost*>;

}  // namespace

absl::StatusOr<std::vector<StoredHost>> read_hosts(Database& database) {
  std::vector<StoredHost> hosts;
  {
    Statement rows = database.prepare(
        "SELECT id, name, machine_id_hash, enrolled_at, last_sync_at, epoch, clock_offset_seconds"
        " FROM host ORDER BY id");
    const absl::Status read = for_each_row(rows, [&rows, &hosts] {
      HostRecord host;
      host.id = rows.column_text(0);
      host.name = rows.column_text(1);
      host.machine_id_hash = rows.column_text(2);
      host.enrolled_at = from_column(rows.column_integer(3));
      host.last_sync_at = time_of(rows, 4);
      host.epoch = rows.column_unsigned(5);
      host.clock_offset_seconds = rows.column_real(6);
      hosts.push_back({.host = std::move(host), .sections = {}, .first_seen = {}});
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
  }
  absl::StatusOr<std::unordered_map<std::string, IdentityRecord>> identities =
      read_identities(database);
  if (!identities.ok()) return identities.status();
  HostIndex index;
  for (StoredHost& host : hosts) {
    index.emplace(host.host.id, &host);
    const auto identity = identities->find(host.host.id);
    if (identity != identities->end()) host.host.identity = std::move(identity->second);
  }
  absl::Status status =
      read_labels(database, "SELECT host_id, name, value FROM host_label",
                  [&index](const std::string& owner, std::string name, std::string value) {
                    const auto host = index.find(owner);
                    if (host != index.end())
                      host->second->host.labels[std::move(name)] = std::move(value);
                  });
  if (!status.ok()) return status;
  status =
      read_sections(database, host_rows, [&index](const std::string& owner, SectionRecord section) {
        const auto host = index.find(owner);
        if (host != index.end()) host->second->sections.push_back(std::move(section));
      });
  if (!status.ok()) return status;
  status =
      read_memories(database, host_rows,
                    [&index](const std::string& owner, policy::SubjectKey key, TimePoint since) {
                      const auto host = index.find(owner);
                      if (host != index.end())
                        host->second->first_seen.emplace(std::move(key), since);
                    });
  if (!status.ok()) return status;
  return hosts;
}

absl::StatusOr<std::vector<TokenRecord>> read_tokens(Database& database) {
  std::vector<TokenRecord> tokens;
  Statement rows = database.prepare(
      "SELECT sha256, created_at, expires_at, uses_left, host FROM token"
      " ORDER BY created_at DESC, sha256");
  const absl::Status read = for_each_row(rows, [&rows, &tokens] {
    TokenRecord token;
    token.sha256 = rows.column_text(0);
    token.created_at = from_column(rows.column_integer(1));
    token.expires_at = from_column(rows.column_integer(2));
    token.uses_left = static_cast<uint32_t>(rows.column_integer(3));
    token.host = rows.column_text(4);
    tokens.push_back(std::move(token));
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  std::unordered_map<std::string, TokenRecord*> index;
  for (TokenRecord& token : tokens)
    index.emplace(token.sha256, &token);
  absl::Status status =
      read_labels(database, "SELECT token_sha256, name, value FROM token_label",
                  [&index](const std::string& owner, std::string name, std::string value) {
                    const auto token = index.find(owner);
                    if (token != index.end())
                      token->second->labels[std::move(name)] = std::move(value);
                  });
  if (!status.ok()) return status;
  return tokens;
}

}  // namespace muster::collector
