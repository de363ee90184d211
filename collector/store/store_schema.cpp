#include "collector/store/store_schema.h"

#include <fmt/format.h>

#include <array>

namespace muster::collector {
namespace {

// Entry n leads from version n to n + 1. Entries are only ever added.
//
// Times are microseconds since 1970; unsigned numbers are kept by their bits; `measurements` are
// records of a serialized muster.v1.Section that has nothing else.
constexpr std::array<const char*, 3> kMigrations = {
    R"sql(
CREATE TABLE host (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  machine_id_hash TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  last_sync_at INTEGER,
  epoch INTEGER NOT NULL,
  clock_offset_seconds REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE host_label (
  host_id TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (host_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE section (
  host_id TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  probe TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  reason TEXT NOT NULL,
  looked_at INTEGER NOT NULL,
  observed_at INTEGER NOT NULL,
  facts_type TEXT NOT NULL,
  digest BLOB NOT NULL,
  measurements BLOB NOT NULL,
  facts BLOB NOT NULL,
  PRIMARY KEY (host_id, entity, probe)
) STRICT;
CREATE TABLE first_seen (
  host_id TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  control TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (host_id, entity, control, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE token (
  sha256 TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  uses_left INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE token_label (
  token_sha256 TEXT NOT NULL REFERENCES token (sha256) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (token_sha256, name)
) STRICT, WITHOUT ROWID;
)sql",
    // Apart from the host's row, which every report writes. A host without a row is active, and its
    // certificates have not been counted.
    R"sql(
CREATE TABLE host_identity (
  host_id TEXT PRIMARY KEY REFERENCES host (id) ON DELETE CASCADE,
  standing TEXT NOT NULL CHECK (standing IN ('active', 'quarantined', 'revoked')),
  reason TEXT NOT NULL,
  since INTEGER,
  generation INTEGER NOT NULL,
  key_sha256 BLOB NOT NULL,
  certificate_not_after INTEGER,
  ca_sha256 TEXT NOT NULL,
  adopts_next INTEGER NOT NULL,
  least_generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE token ADD COLUMN host TEXT NOT NULL DEFAULT '';
)sql",
    // Targets, which are entities of their own: by their name. `reporter` is the id of the host
    // whose `epoch` the sequences belong to. It may be gone, and so may a holder: neither goes with
    // a host.
    //
    // Times of leases (target_holder, lease_horizon) are of the leases' own clock, which nobody
    // sets (collector/targets/lease_clock.h); lease_horizon has what it goes on by. While a target
    // is on its way from one host to another it has two holders, the first with an end.
    R"sql(
CREATE TABLE target (
  id TEXT PRIMARY KEY,
  reporter TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  last_report_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE target_section (
  target_id TEXT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  probe TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  reason TEXT NOT NULL,
  looked_at INTEGER NOT NULL,
  observed_at INTEGER NOT NULL,
  facts_type TEXT NOT NULL,
  digest BLOB NOT NULL,
  measurements BLOB NOT NULL,
  facts BLOB NOT NULL,
  PRIMARY KEY (target_id, entity, probe)
) STRICT;
CREATE TABLE target_first_seen (
  target_id TEXT NOT NULL REFERENCES target (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  control TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (target_id, entity, control, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE target_holder (
  target TEXT NOT NULL,
  host_id TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  ends INTEGER,
  PRIMARY KEY (target, host_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE target_refusal (
  target TEXT NOT NULL,
  host_id TEXT NOT NULL,
  PRIMARY KEY (target, host_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE lease_horizon (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ends INTEGER NOT NULL,
  set_at INTEGER NOT NULL,
  uptime INTEGER NOT NULL,
  boot_id TEXT NOT NULL
) STRICT;
)sql",
};

absl::Status check_owner(Database& database, const std::string& path) {
  const absl::StatusOr<int64_t> application = database.query_integer("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> tables =
      database.query_integer("SELECT count(*) FROM sqlite_master");
  if (!tables.ok()) return tables.status();
  const bool is_new = *application == 0 && *tables == 0;
  if (is_new || *application == kStoreApplicationId) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the store {} is a database of another program: point state_directory to "
                  "Muster's own directory, or move that file away",
                  path));
}

}  // namespace

int64_t store_schema_version() {
  return static_cast<int64_t>(kMigrations.size());
}

absl::Status check_store(Database& database, const std::string& path) {
  if (absl::Status status = check_owner(database, path); !status.ok()) return status;
  const absl::StatusOr<int64_t> version = database.query_integer("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version <= store_schema_version()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the store {} has schema version {}, and this muster-collector knows versions up to {}: a "
      "newer muster-collector wrote it. Start that one, or put back the copy of the store from "
      "before the upgrade",
      path, *version, store_schema_version()));
}

absl::Status migrate_store(Database& database) {
  return migrate_store(database, kMigrations);
}

absl::Status migrate_store(Database& database, std::span<const char* const> steps) {
  const absl::StatusOr<int64_t> version = database.query_integer("PRAGMA user_version");
  if (!version.ok()) return version.status();
  for (size_t step = static_cast<size_t>(*version); step < steps.size(); ++step) {
    absl::Status status = database.begin();
    if (status.ok()) {
      status =
          database.execute(fmt::format("PRAGMA application_id = {}; {} PRAGMA user_version = {}",
                                       kStoreApplicationId, steps[step], step + 1));
    }
    if (status.ok()) status = database.commit();
    if (!status.ok()) {
      if (database.in_transaction()) (void)database.rollback();
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace muster::collector
