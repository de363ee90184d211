// Section versions on their way to the collector, on disk. Whatever is recorded survives a kill at
// any instant and waits until the collector has committed it.
//
// - A version is new when outcome, reason or facts differ from the newest of its (entity, probe);
//   otherwise only its time and measurements move, in memory.
// - Of each (entity, probe) the newest version stays when it is acknowledged, so that after a
//   restart nothing known is sent again and the sequences go on.
// - The cursor file says which epoch the sequences on disk belong to. Without it, or when it does
//   not fit the versions, a new epoch begins: the one way out of every doubt (damage, a restored
//   backup, a disk that was full). Then everything held is numbered and sent anew, which costs one
//   report.
// - Bounded in bytes and age: the oldest that is not the newest of its probe is dropped and
//   counted.
//
// Only descriptions are held in memory; facts are read back when they are sent. One thread owns it;
// calls block for as long as the disk does.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/outbox/outbox_directory.h"
#include "agent/outbox/outbox_index.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// A section that is recorded may have this many bytes: what its file and a report can carry.
inline constexpr size_t kSectionBytesLimit = kVersionFileLimit - (64 << 10);

struct OutboxOptions {
  std::string directory;
  size_t bytes_limit = 64 << 20;
  Duration age_limit = std::chrono::days(7);
  FileWriter write;
};

struct OutboxStatistics {
  // Versions not yet acknowledged.
  size_t waiting = 0;
  // Bytes of all version files.
  size_t bytes = 0;
  // Since the start: versions dropped past the bounds or refused, files set aside.
  uint64_t dropped = 0;
  uint64_t damaged = 0;
};

class Outbox {
 public:
  // `clock` outlives it. An error is one of the directory and says what to do; damaged files are
  // none.
  static absl::StatusOr<std::unique_ptr<Outbox>> open(OutboxOptions options, const Clock& clock);

  // Takes what a look gave. An error says that it could not be saved: it is held in memory, will be
  // sent, and flush() tries again.
  absl::Status record(const v1::Section& section);

  // A look at the host found what the newest version of the probe says. False if there is none, or
  // if it did not observe: a failure is looked at again, never confirmed.
  bool confirm(std::string_view probe, TimePoint observed_at);

  // The versions that wait, oldest first and with facts, up to `bytes_limit` together or one; then
  // the heartbeats of those that do not wait, without facts. `more` if others wait.
  v1::SyncRequest batch(size_t bytes_limit);

  // Takes the collector's answer to a batch. Whether anything that waited is acknowledged by it.
  bool acknowledge(const v1::SyncResponse& response);
  // The collector will never take this version: it is not sent again.
  void refuse(const v1::SectionVersion& version);

  // Saves what could not be saved before.
  absl::Status flush();

  uint64_t epoch() const { return epoch_; }
  OutboxStatistics statistics() const;

 private:
  using Key = OutboxIndex::Key;
  using Iterator = OutboxIndex::Versions::iterator;

  Outbox(OutboxOptions options, const Clock& clock);
  absl::Status load();
  void take_cursor(const v1::SyncResponse& cursor);
  void begin_epoch(uint64_t at_least);
  absl::Status save(Iterator held);
  absl::Status save_cursor();
  // A file is behind what is sent: whoever opens this next must begin a new epoch.
  void withdraw_cursor();
  absl::Status load_facts(Iterator held, v1::SectionVersion& version);
  bool add_waiting(v1::SyncRequest& request, size_t bytes_limit);
  bool acknowledge_up_to(const Key& key, uint64_t sequence);
  // With its file.
  Iterator remove(Iterator held);
  void enforce_bounds();

  const Clock& clock_;
  OutboxOptions options_;
  OutboxDirectory directory_;
  uint64_t epoch_ = 0;
  uint64_t next_number_ = 1;
  OutboxIndex index_;
  bool cursor_on_disk_ = false;
  bool cursor_current_ = false;
  uint64_t dropped_ = 0;
};

}  // namespace muster::agent
