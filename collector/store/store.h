// What the collector keeps on disk: hosts, their sections, the memory of verdicts, tokens. An
// interface, so that one file (SQLite) and a server (PostgreSQL, later) look the same from above.
// It knows messages and plain records, nothing of RPC or HTTP.
//
// All writes go through one queue: whatever waits is committed and synced in one transaction, and
// only then are the callbacks called, in the order of the calls, on the store's own thread.
// Callbacks must not block. A write that finds the queue full is refused at once, with
// Unavailable, on the caller's thread; ResourceExhausted means that the disk has no room. Reads are
// for the start of the program and block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/fleet/host_identity.h"
#include "collector/store/lease_records.h"
#include "common/clock.h"
#include "common/policy/first_seen.h"
#include "common/section_state.h"

namespace muster::collector {

// A host as it was enrolled.
struct HostRecord {
  // 32 hex digits, random.
  std::string id;
  // Unique; the label `host`.
  std::string name;
  std::map<std::string, std::string> labels;
  std::string machine_id_hash;
  TimePoint enrolled_at;
  // From its last Sync.
  std::optional<TimePoint> last_sync_at;
  // The life of the agent's memory that `sequence` of its sections belongs to.
  uint64_t epoch = 0;
  double clock_offset_seconds = 0;
  IdentityRecord identity = {};
};

// A section with its version.
struct SectionRecord {
  SectionState state;
  uint64_t sequence = 0;
};

// A host as it comes back at start.
struct StoredHost {
  HostRecord host;
  std::vector<SectionRecord> sections;
  policy::FirstSeen first_seen;
};

// A join token, by its SHA-256; the token itself is never stored.
struct TokenRecord {
  std::string sha256;
  TimePoint created_at;
  TimePoint expires_at;
  uint32_t uses_left = 0;
  std::map<std::string, std::string> labels;
  // The name of the only host that may join with it; empty: any.
  std::string host = {};
};

// What a Sync, or a judgement of its times, changes of a target.
struct TargetWrite {
  // As in StoredTarget.
  std::string target_id;
  std::string reporter;
  uint64_t epoch = 0;
  TimePoint looked_at;
  // Replaces the sections of the same probe.
  std::vector<SectionRecord> sections;
};

// One Sync's changes.
struct SyncWrite {
  std::string host_id;
  uint64_t epoch = 0;
  TimePoint synced_at;
  double clock_offset_seconds = 0;
  // Replaces the sections of the same (entity, probe).
  std::vector<SectionRecord> sections;
  // Of targets that the host looks at.
  std::vector<TargetWrite> targets = {};
};

class Store {
 public:
  using Done = std::function<void(absl::Status)>;
  virtual ~Store() = default;

  // Everything, for the start.
  virtual absl::StatusOr<std::vector<StoredHost>> load_hosts() = 0;
  virtual absl::StatusOr<std::vector<TokenRecord>> load_tokens() = 0;

  // Adds a host. AlreadyExists if its id or name is taken.
  virtual void add_host(HostRecord host, Done done) = 0;
  // What an operator or a renewal changes. NotFound: no host has the id. AlreadyExists: another
  // host has the name. With a host goes everything about it.
  virtual void put_identity(std::string host_id, IdentityRecord identity, Done done) = 0;
  virtual void rename_host(std::string host_id, std::string name, Done done) = 0;
  virtual void remove_host(std::string host_id, Done done) = 0;
  // Commits one Sync. NotFound if the host is not there. ResourceExhausted when the disk is full.
  virtual void commit_sync(SyncWrite write, Done done) = 0;
  // From a callback: calls `what` once all callbacks of the same commit were called. Who answers a
  // peer does so then: to wake another thread for each of many costs more than to judge the host.
  virtual void after_callbacks(const std::function<void()>& what) { what(); }
  // Only the times of hosts whose facts did not change: last_sync_at and each section's times.
  // Written behind (every half minute, and at the end): losing it costs nothing but freshness.
  virtual void commit_times(std::vector<SyncWrite> writes, Done done) = 0;
  // Replaces the memory of one host's verdicts.
  virtual void put_first_seen(std::string host_id, policy::FirstSeen first_seen, Done done) = 0;

  virtual void put_token(TokenRecord token, Done done) = 0;
  // Takes one use, committed before the callback. NotFound: no such token; DeadlineExceeded:
  // expired at `now`; FailedPrecondition: used up. Of many at once on the last use exactly one
  // succeeds.
  using TokenDone = std::function<void(absl::StatusOr<TokenRecord>)>;
  virtual void take_token(std::string sha256, TimePoint now, TokenDone done) = 0;
  // Forgets the tokens whose digest begins so: 8 hex digits, as `token list` shows them. NotFound:
  // there is none.
  virtual void revoke_token(std::string id, Done done) = 0;
  // As load_tokens, without blocking: what was put before is in it.
  using TokensDone = std::function<void(absl::StatusOr<std::vector<TokenRecord>>)>;
  virtual void list_tokens(TokensDone done) = 0;

  // Who holds which target. Of each target in the write, what was there is replaced.
  virtual absl::StatusOr<StoredLeases> load_leases() = 0;
  virtual void put_leases(LeaseWrite write, Done done) = 0;

  // Bytes on disk, all files of the store.
  virtual uint64_t size_bytes() const = 0;
};

}  // namespace muster::collector
