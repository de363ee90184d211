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
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/outbox/outbox.h"
#include "common/timestamp.h"

namespace muster::agent::story {

constexpr size_t kBatch = 1 << 20;
// Sections of the host, each recorded alone, and of targets, recorded together: so many that they
// are synced together, but when one is away.
constexpr size_t kProbes = 2;
constexpr size_t kTargets = 5;
constexpr size_t kSections = kProbes + kTargets;
// What each look sees, in order: the number is the fact.
constexpr uint32_t kChanges = 6;

// The last target is another agent's for a while, in the middle of all.
constexpr bool is_away(size_t index, uint32_t world) {
  return index + 1 == kSections && world == kChanges / 2;
}

// It stands still: sequences must be right without its help.
class FixedClock : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::seconds(1'800'000'000) + moved); }
  static inline Duration moved{0};
};

// The collector as the protocol has it: per section the highest (epoch, sequence) it has committed,
// and every fact in the order of its commits. Plain, so that it may lie in memory that survives the
// process that talks to it.
struct ModelCollector {
  uint64_t epoch = 0;
  std::array<uint64_t, kSections> sequence{};
  // The last fact committed.
  std::array<uint32_t, kSections> fact{};
  // What there is to see, and the last of it that the agent has recorded.
  std::array<uint32_t, kSections> world{};
  std::array<uint32_t, kSections> recorded{};
  // Facts that were recorded and never came.
  uint32_t skipped = 0;
  // Things that must never happen, counted.
  uint32_t facts_went_back = 0;
  // A new epoch sends what is held anew: that may be older than what came last.
  uint32_t epochs_went_back = 0;
  uint32_t sequence_used_twice = 0;

  static size_t index_of(const v1::SectionVersion& version) {
    if (version.entity().empty()) return version.probe() == "host" ? 0 : 1;
    return kProbes + std::stoul(version.entity());
  }

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
      const size_t i = index_of(version);
      if (version.has_facts() && version.sequence() >= sequence[i]) {
        const auto number = static_cast<uint32_t>(std::stoul(version.facts()));
        if (version.sequence() == sequence[i] && number != fact[i]) ++sequence_used_twice;
        if (number < fact[i]) ++(is_new ? epochs_went_back : facts_went_back);
        for (uint32_t missed = fact[i] + 1; missed < number; ++missed)
          skipped += is_away(i, missed) ? 0 : 1;
        fact[i] = number;
        sequence[i] = version.sequence();
      }
      if (sequence[i] == 0) continue;
      v1::CommittedSection& committed = *response.add_committed();
      committed.set_entity(version.entity());
      committed.set_probe(version.probe());
      committed.set_sequence(sequence[i]);
    }
    response.set_epoch(epoch);
    return response;
  }
};

inline std::string name_of(size_t index) {
  if (index >= kProbes) return fmt::format("{}", index - kProbes);
  return index == 0 ? "host" : "certificates";
}

inline v1::Section seen(size_t index, uint32_t fact) {
  v1::Section section;
  if (index < kProbes) {
    section.set_probe(name_of(index));
  } else {
    section.set_entity(name_of(index));
    section.set_probe("tcp");
  }
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

// What cannot be saved is held in memory and sent, so it counts as recorded too.
inline void look(Outbox& outbox, ModelCollector& collector) {
  for (size_t i = 0; i < kProbes; ++i) {
    if (collector.world[i] == 0) continue;
    (void)outbox.record(seen(i, collector.world[i]));
    collector.recorded[i] = collector.world[i];
  }
  std::vector<v1::Section> sections;
  for (size_t i = kProbes; i < kSections; ++i) {
    if (is_away(i, collector.world[i])) {
      outbox.forget(name_of(i));
    } else if (collector.world[i] > 0) {
      sections.push_back(seen(i, collector.world[i]));
    }
  }
  (void)outbox.record_all(sections);
  for (const v1::Section& section : sections) {
    const size_t i = kProbes + std::stoul(section.entity());
    collector.recorded[i] = collector.world[i];
  }
}

// The next change of each, and every second time a report: so changes also queue up.
inline void live_on(Outbox& outbox, ModelCollector& collector) {
  for (uint32_t& world : collector.world)
    world = std::min(world + 1, kChanges);
  look(outbox, collector);
  if (collector.world[0] % 2 == 0) report(outbox, collector);
}

inline bool is_over(const ModelCollector& collector) {
  return std::all_of(collector.world.begin(), collector.world.end(),
                     [](uint32_t world) { return world >= kChanges; });
}

// An agent that starts looks at everything first, and knows which targets are its own.
inline void look_again(Outbox& outbox, ModelCollector& collector) {
  std::set<std::string> targets;
  for (size_t i = kProbes; i < kSections; ++i) {
    if (!is_away(i, collector.world[i])) targets.insert(name_of(i));
  }
  outbox.forget_all_but(targets);
  look(outbox, collector);
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
