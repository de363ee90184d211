// Section versions on their way to the collector, on disk. Whatever is recorded survives a kill at
// any instant and waits until the collector has committed it.
//
// - A version is new when outcome, reason or facts differ from the newest of its (entity, probe);
//   otherwise only its time and measurements move, in memory.
// - Of each (entity, probe) the newest version stays when it is acknowledged, so that after a
//   restart nothing known is sent again and the sequences go on. Those of a target go when it is
//   forgotten.
// - The cursor file says which epoch the sequences on disk belong to. Without it, or when it does
//   not fit the versions, a new epoch begins: the one way out of every doubt (damage, a restored
//   backup, a disk that was full). Then everything held is numbered and sent anew, which costs one
//   report.
// - Bounded in bytes and age: the oldest that is not the newest of its probe is dropped and
//   counted.
// - What happens at every look and every report costs what it is about, not what is held: thousands
//   of targets lie beside the host's probes.
//
// Only descriptions are held in memory; facts are read back when they are sent. One thread owns it;
// calls block for as long as the disk does.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/outbox/version_store.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// A section that is recorded may have this many bytes: what its file and a report can carry.
inline constexpr size_t kSectionBytesLimit = kVersionFileLimit - (64 << 10);
// Versions of one report; the collector takes 1,024.
inline constexpr int kReportVersionsLimit = 1000;

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
  // Since the start: versions dropped past the bounds, or that the collector can never take; files
  // set aside; versions of targets that the collector did not take from this host.
  uint64_t dropped = 0;
  uint64_t damaged = 0;
  uint64_t refused = 0;
};

class Outbox {
 public:
  // `clock` outlives it. An error is one of the directory and says what to do; damaged files are
  // none.
  static absl::StatusOr<std::unique_ptr<Outbox>> open(OutboxOptions options, const Clock& clock);

  // Takes what looks gave, in their order; saves many for little more than one. The error is the
  // first. InvalidArgument: that section is left out, the others are taken. Else it says that some
  // could not be saved: they are held in memory, will be sent, and flush() tries again.
  absl::Status record_all(std::span<const v1::Section> sections);
  absl::Status record(const v1::Section& section) { return record_all({&section, 1}); }

  // A look at the host found what the newest version of the probe says. False if there is none, or
  // if it failed: a failure is looked at again, never confirmed.
  bool confirm(std::string_view probe, TimePoint observed_at);

  // What the newest version of the host's probe says, read back with its facts. NotFound if there
  // is none; else why it cannot be read.
  absl::StatusOr<v1::Section> newest(std::string_view probe);

  // The target is not looked at any more. What does not wait goes at once, the rest when it is
  // acknowledged or refused; it has no heartbeats. A look that is recorded later makes it known
  // again. Never of the host itself.
  void forget(std::string_view entity);
  // As forget, for every target but these: what an earlier process left too.
  void forget_all_but(const std::set<std::string>& entities);

  // The next report, up to `bytes_limit` or one version, and kReportVersionsLimit: the versions
  // that wait, oldest first and with facts; then, without facts, heartbeats of what does not wait:
  // the host's at every report, a target's when a look confirmed it since the last report that was
  // answered. `more` if others wait or are due.
  v1::SyncRequest batch(size_t bytes_limit);

  // Takes the collector's answer to the last batch. Whether anything that waited or was due is done
  // by it.
  bool acknowledge(const v1::SyncResponse& response);
  // The collector will never take this version: it is not sent again.
  void refuse(const v1::SectionVersion& version);

  // Saves what could not be saved before.
  absl::Status flush() { return store_.flush(); }

  uint64_t epoch() const { return store_.epoch(); }
  OutboxStatistics statistics() const;

 private:
  using Iterator = VersionStore::Iterator;

  Outbox(OutboxOptions options, const Clock& clock);
  absl::Status load();
  void begin_epoch(uint64_t at_least);
  absl::Status save_added(std::vector<Iterator>& added);
  void confirm(Iterator newest, v1::SectionVersion&& look);
  bool add_waiting(v1::SyncRequest& request, size_t bytes_limit);
  bool take_refused(const v1::RefusedSection& refused);
  void forget(const VersionKey& key);
  void remove_forgotten(bool even_last);
  void enforce_bounds();

  const Clock& clock_;
  OutboxOptions options_;
  VersionStore store_;
  OutboxIndex& index_;
  // Of which something is still here.
  std::set<VersionKey> forgotten_;
  uint64_t dropped_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace muster::agent
