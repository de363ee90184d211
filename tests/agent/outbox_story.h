// A life of an outbox and the collector it reports to, as a model: what was recorded, what was
// acknowledged, and what must be true of both whatever happened in between.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/outbox/outbox.h"
#include "common/timestamp.h"

namespace muster::agent::story {

constexpr size_t kBatch = 1 << 20;
constexpr size_t kProbes = 2;
// What each probe sees, in order: the number is the fact.
constexpr uint32_t kChanges = 6;

// It stands still: sequences must be right without its help.
class FixedClock : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::seconds(1'800'000'000) + moved); }
  static inline Duration moved{0};
};

// The collector as the protocol has it: per probe the highest (epoch, sequence) it has committed,
// and every fact in the order of its commits. Plain, so that it may lie in memory that survives the
// process that talks to it.
struct ModelCollector {
  uint64_t epoch = 0;
  std::array<uint64_t, kProbes> sequence{};
  // The last fact committed.
  std::array<uint32_t, kProbes> fact{};
  // What there is to see, and the last of it that the agent has recorded.
  std::array<uint32_t, kProbes> world{};
  std::array<uint32_t, kProbes> recorded{};
  // Facts that were recorded and never came.
  uint32_t skipped = 0;
  // Things that must never happen, counted.
  uint32_t facts_went_back = 0;
  // A new epoch sends what is held anew: that may be older than what came last.
  uint32_t epochs_went_back = 0;
  uint32_t sequence_used_twice = 0;

  static size_t index_of(const std::string& probe) { return probe == "host" ? 0 : 1; }

  v1::SyncResponse take(const v1::SyncRequest& request) {
    v1::SyncResponse response;
    if (request.epoch() < epoch) {
      response.set_epoch(epoch);
      return response;
    }
    const bool is_new = request.epoch() > epoch;
    if (is_new) sequence.fill(0);
    epoch = request.epoch();
    for (const v1::SectionVersion& version : request.versions()) {
      const size_t i = index_of(version.probe());
      if (version.has_facts() && version.sequence() >= sequence[i]) {
        const auto number = static_cast<uint32_t>(std::stoul(version.facts()));
        if (version.sequence() == sequence[i] && number != fact[i]) ++sequence_used_twice;
        if (number < fact[i]) ++(is_new ? epochs_went_back : facts_went_back);
        if (number > fact[i] + 1) skipped += number - fact[i] - 1;
        fact[i] = number;
        sequence[i] = version.sequence();
      }
      if (sequence[i] == 0) continue;
      v1::CommittedSection& committed = *response.add_committed();
      committed.set_probe(version.probe());
      committed.set_sequence(sequence[i]);
    }
    response.set_epoch(epoch);
    return response;
  }
};

inline std::string probe_name(size_t index) {
  return index == 0 ? "host" : "certificates";
}

inline v1::Section seen(size_t probe, uint32_t fact) {
  v1::Section section;
  section.set_probe(probe_name(probe));
  section.set_outcome(v1::OUTCOME_OBSERVED);
  section.set_facts_type("muster.v1.HostFacts");
  section.set_facts(fmt::format("{:08d}", fact));
  *section.mutable_observed_at() = to_proto(FixedClock().now());
  return section;
}

inline absl::StatusOr<std::unique_ptr<Outbox>> open_outbox(const std::string& directory) {
  static const FixedClock clock;
  return Outbox::open({.directory = directory + "/outbox", .write = {}}, clock);
}

// A new epoch is answered by another report, as the reporter does.
inline void report(Outbox& outbox, ModelCollector& collector) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && outbox.statistics().waiting == 0) return;
    (void)outbox.flush();
    const v1::SyncRequest request = outbox.batch(kBatch);
    outbox.acknowledge(collector.take(request));
  }
}

// The next change of each probe, and every second time a report: so changes also queue up.
inline void live_on(Outbox& outbox, ModelCollector& collector) {
  for (size_t probe = 0; probe < kProbes; ++probe) {
    if (collector.world[probe] >= kChanges) continue;
    // What cannot be saved is held in memory and sent, so it counts as recorded too.
    (void)outbox.record(seen(probe, ++collector.world[probe]));
    collector.recorded[probe] = collector.world[probe];
  }
  if (collector.world[0] % 2 == 0) report(outbox, collector);
}

inline bool is_over(const ModelCollector& collector) {
  return collector.world[0] >= kChanges && collector.world[1] >= kChanges;
}

// An agent that starts looks at everything first.
inline void look_again(Outbox& outbox, ModelCollector& collector) {
  for (size_t probe = 0; probe < kProbes; ++probe) {
    if (collector.world[probe] == 0) continue;
    (void)outbox.record(seen(probe, collector.world[probe]));
    collector.recorded[probe] = collector.world[probe];
  }
}

inline std::vector<std::string> strangers_in(const std::string& directory) {
  std::vector<std::string> strangers;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/outbox")) {
    const std::string name = entry.path().filename();
    if (name != "cursor" && !name.ends_with(".version")) strangers.push_back(name);
  }
  return strangers;
}

}  // namespace muster::agent::story
