// The store's records as rows: one function a statement or two, each inside the transaction of
// whoever calls. The store's thread only.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "collector/store/sqlite.h"
#include "collector/store/store.h"

namespace muster::collector {

absl::Status insert_host(Database& database, const HostRecord& host);

// These say NotFound when there is no such host.
absl::Status put_identity_row(Database& database, const std::string& host_id,
                              const IdentityRecord& identity);
// AlreadyExists: another host has the name.
absl::Status rename_host_row(Database& database, const std::string& host_id,
                             const std::string& name);
absl::Status delete_host(Database& database, const std::string& host_id);

// NotFound: no such host. Aborted: the store holds a later epoch. A section whose row has a higher
// sequence stays as it is.
absl::Status write_sync(Database& database, const SyncWrite& write);

// Only times and measurements, and only of sections that are still at this sequence.
absl::Status write_times(Database& database, const SyncWrite& write);

absl::Status replace_first_seen(Database& database, const std::string& host_id,
                                const policy::FirstSeen& first_seen);

// Also forgets tokens that expired more than a day before this one was made.
absl::Status insert_token(Database& database, const TokenRecord& token);
absl::StatusOr<TokenRecord> take_token_use(Database& database, const std::string& sha256,
                                           TimePoint now);
// NotFound: no digest begins so.
absl::Status delete_tokens(Database& database, const std::string& id);

// Of every host that has one, by its id.
absl::StatusOr<std::unordered_map<std::string, IdentityRecord>> read_identities(Database& database);
absl::StatusOr<std::vector<StoredHost>> read_hosts(Database& database);
absl::StatusOr<std::vector<TokenRecord>> read_tokens(Database& database);

absl::Status write_leases(Database& database, const LeaseWrite& write);
absl::StatusOr<StoredLeases> read_leases(Database& database);

}  // namespace muster::collector
