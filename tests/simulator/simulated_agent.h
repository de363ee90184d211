// One agent as the protocol sees it: epochs, sequences, digests, what waits to be acknowledged,
// what is sent again when the collector wants it. It behaves as agent/outbox/outbox.h and
// agent/sync/reporter.h do, but holds its outbox as numbers: a section source makes the facts anew
// for every sequence. A version that the collector refuses stays in it and shows as an error.
//
// One thread owns it.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "agent/sync/report_plan.h"
#include "muster/v1/reporting.pb.h"
#include "tests/simulator/section_source.h"

namespace muster::simulator {

// What an agent needs to go on after a restart as if nothing had been.
struct AgentMemory {
  // 0: none yet.
  uint64_t epoch = 0;
  struct Probe {
    uint64_t sequence = 1;
    uint64_t acknowledged = 0;
  };
  std::vector<Probe> probes = {};
};

struct FactCounts {
  // Versions sent with their facts, and the bytes of these.
  uint64_t sent = 0;
  uint64_t bytes = 0;
  // Of those sent: again, because nobody had acknowledged them.
  uint64_t retried = 0;
  // Of those sent: again, though they had been acknowledged. The protocol promises none.
  uint64_t resent = 0;
  // How often the collector wanted facts.
  uint64_t wanted = 0;
  // Versions lost past the bound of what waits.
  uint64_t dropped = 0;
};

class SimulatedAgent {
 public:
  // Versions of a probe that wait; further changes push the oldest out.
  static constexpr size_t kMostWaiting = 64;

  // `source` and `counts`, which all agents share, outlive it. A memory without an epoch begins
  // `epoch`.
  SimulatedAgent(const SectionSource& source, FactCounts& counts, size_t host, AgentMemory memory,
                 uint64_t epoch, TimePoint now);

  // Something changes on the host.
  void change(TimePoint now);

  // The next report.
  v1::SyncRequest request(TimePoint now);

  // The answer to it, and what agent/sync/report_plan.h makes the time of the next one of.
  agent::ReportResult take(const absl::StatusOr<v1::SyncResponse>& answer);

  // Whether the last report was answered and nothing waits.
  bool is_in_sync() const { return in_sync_; }
  // Until the next answer it is not.
  void doubt() { in_sync_ = false; }

  AgentMemory memory() const;

 private:
  struct Probe {
    uint64_t sequence = 1;
    uint64_t acknowledged = 0;
    // The highest of all epochs.
    uint64_t sent = 0;
    uint64_t known = 0;
    bool wanted = false;
    // The heartbeat of the newest version: without facts, measurements and the time of the look.
    v1::SectionVersion newest;
    // When the versions that wait were made; the last is `sequence`.
    std::deque<TimePoint> waiting;
  };
  struct Waiting {
    TimePoint since;
    size_t probe;
    uint64_t sequence;
  };

  std::vector<Waiting> waiting_versions() const;
  v1::SectionVersion version(size_t probe, uint64_t sequence, TimePoint changed_at,
                             TimePoint now) const;
  static void note_newest(Probe& probe, v1::SectionVersion version);
  void count_facts(Probe& probe, const v1::SectionVersion& version);
  v1::SectionVersion heartbeat(size_t probe, TimePoint now) const;
  bool acknowledge(const v1::SyncResponse& response);
  void begin_epoch(uint64_t epoch);
  Probe* find(const std::string& name);

  const SectionSource& source_;
  FactCounts& counts_;
  const size_t host_;
  uint64_t epoch_;
  uint64_t changes_ = 0;
  std::vector<Probe> probes_;
  TimePoint looked_at_;
  bool more_ = false;
  bool in_sync_ = false;
  bool asked_before_ = false;
  unsigned failures_ = 0;
};

}  // namespace muster::simulator
