#include "tests/simulator/simulated_agent.h"

#include <algorithm>
#include <utility>

#include "agent/looking/section_version.h"
#include "common/timestamp.h"

namespace muster::simulator {
namespace {

constexpr size_t kReportLimit = 1 << 20;

}  // namespace

SimulatedAgent::SimulatedAgent(const SectionSource& source, FactCounts& counts, size_t host,
                               AgentMemory memory, uint64_t epoch, TimePoint now)
    : source_(source),
      counts_(counts),
      host_(host),
      epoch_(memory.epoch == 0 ? epoch : memory.epoch),
      looked_at_(now) {
  memory.probes.resize(source.probes().size());
  for (size_t i = 0; i < memory.probes.size(); ++i) {
    const AgentMemory::Probe& remembered = memory.probes[i];
    Probe& probe = probes_.emplace_back();
    probe.sequence = remembered.sequence;
    probe.acknowledged = std::min(remembered.acknowledged, remembered.sequence);
    probe.sent = probe.known = probe.acknowledged;
    if (probe.acknowledged < probe.sequence) probe.waiting.push_back(now);
    note_newest(probe, version(i, probe.sequence, now, now));
  }
}

void SimulatedAgent::change(TimePoint now) {
  Probe& probe = probes_.at(source_.changing_probe(host_, changes_++));
  ++probe.sequence;
  probe.wanted = false;
  probe.waiting.push_back(now);
  looked_at_ = now;
  in_sync_ = false;
  if (probe.waiting.size() <= kMostWaiting) return;
  probe.waiting.pop_front();
  ++counts_.dropped;
}

std::vector<SimulatedAgent::Waiting> SimulatedAgent::waiting_versions() const {
  std::vector<Waiting> all;
  for (size_t i = 0; i < probes_.size(); ++i) {
    const Probe& probe = probes_[i];
    for (size_t k = 0; k < probe.waiting.size(); ++k) {
      all.push_back({probe.waiting[k], i, probe.sequence - probe.waiting.size() + 1 + k});
    }
    if (probe.wanted && probe.waiting.empty()) all.push_back({looked_at_, i, probe.sequence});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Waiting& a, const Waiting& b) { return a.since < b.since; });
  return all;
}

v1::SectionVersion SimulatedAgent::version(size_t probe, uint64_t sequence, TimePoint changed_at,
                                           TimePoint now) const {
  v1::SectionVersion made = agent::version_of(source_.look(host_, probe, sequence, now));
  made.set_sequence(sequence);
  *made.mutable_changed_at() = to_proto(changed_at);
  for (v1::Measurement& measurement : source_.measurements(host_, probe, now)) {
    *made.add_measurements() = std::move(measurement);
  }
  return made;
}

void SimulatedAgent::note_newest(Probe& probe, v1::SectionVersion version) {
  version.clear_facts();
  version.clear_measurements();
  probe.newest = std::move(version);
}

v1::SectionVersion SimulatedAgent::heartbeat(size_t probe, TimePoint now) const {
  v1::SectionVersion made = probes_[probe].newest;
  *made.mutable_observed_at() = to_proto(now);
  for (v1::Measurement& measurement : source_.measurements(host_, probe, now)) {
    *made.add_measurements() = std::move(measurement);
  }
  return made;
}

void SimulatedAgent::count_facts(Probe& probe, const v1::SectionVersion& version) {
  ++counts_.sent;
  counts_.bytes += version.facts().size();
  if (version.sequence() <= probe.known) {
    ++counts_.resent;
  } else if (version.sequence() <= probe.sent) {
    ++counts_.retried;
  }
  probe.sent = std::max(probe.sent, version.sequence());
}

v1::SyncRequest SimulatedAgent::request(TimePoint now) {
  v1::SyncRequest request;
  request.set_epoch(epoch_);
  *request.mutable_sent_at() = to_proto(now);
  std::vector<bool> carried(probes_.size());
  size_t bytes = 0;
  for (const Waiting& waiting : waiting_versions()) {
    carried[waiting.probe] = true;
    v1::SectionVersion made = version(waiting.probe, waiting.sequence, waiting.since, now);
    bytes += made.ByteSizeLong();
    if (bytes > kReportLimit && request.versions_size() > 0) {
      request.set_more(true);
      break;
    }
    Probe& probe = probes_[waiting.probe];
    count_facts(probe, made);
    if (waiting.sequence == probe.sequence) note_newest(probe, made);
    *request.add_versions() = std::move(made);
  }
  for (size_t i = 0; i < probes_.size(); ++i) {
    // Of a probe that waits, the heartbeat would be of a version that the collector lacks.
    if (!carried[i] && probes_[i].waiting.empty()) *request.add_versions() = heartbeat(i, now);
  }
  more_ = request.more();
  return request;
}

SimulatedAgent::Probe* SimulatedAgent::find(const std::string& name) {
  const auto& names = source_.probes();
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : &probes_[static_cast<size_t>(found - names.begin())];
}

void SimulatedAgent::begin_epoch(uint64_t epoch) {
  epoch_ = epoch;
  for (Probe& probe : probes_) {
    probe.acknowledged = 0;
    if (probe.waiting.empty()) probe.waiting.push_back(looked_at_);
  }
}

bool SimulatedAgent::acknowledge(const v1::SyncResponse& response) {
  if (response.epoch() != epoch_) {
    if (response.epoch() > epoch_) begin_epoch(response.epoch() + 1);
    return false;
  }
  bool progress = false;
  for (const v1::CommittedSection& committed : response.committed()) {
    Probe* probe = find(committed.probe());
    if (probe == nullptr) continue;
    const uint64_t sequence = std::min(committed.sequence(), probe->sequence);
    progress |= sequence > probe->acknowledged || probe->wanted;
    probe->acknowledged = std::max(probe->acknowledged, sequence);
    probe->known = std::max(probe->known, sequence);
    probe->wanted = false;
    while (!probe->waiting.empty() &&
           probe->sequence - probe->waiting.size() < probe->acknowledged) {
      probe->waiting.pop_front();
    }
  }
  for (const v1::WantedSection& wanted : response.wanted()) {
    if (Probe* probe = find(wanted.probe()); probe != nullptr) probe->wanted = true;
    ++counts_.wanted;
  }
  return progress;
}

agent::ReportResult SimulatedAgent::take(const absl::StatusOr<v1::SyncResponse>& answer) {
  agent::ReportResult result;
  if (!answer.ok()) {
    in_sync_ = false;
    result.status = answer.status();
    result.failures = ++failures_;
    return result;
  }
  failures_ = 0;
  const bool behind = answer->epoch() > epoch_;
  const bool progress = acknowledge(*answer);
  in_sync_ = std::all_of(probes_.begin(), probes_.end(),
                         [](const Probe& probe) { return probe.waiting.empty() && !probe.wanted; });
  const bool asks = answer->wanted_size() > 0 || behind;
  result.brake = std::chrono::milliseconds(answer->next_sync_milliseconds());
  // As agent/sync/reporter.cpp: asking for more is followed at once only the first time.
  result.continues = (progress && more_) || (asks && !asked_before_);
  asked_before_ = asks;
  return result;
}

AgentMemory SimulatedAgent::memory() const {
  AgentMemory memory{.epoch = epoch_};
  for (const Probe& probe : probes_) {
    memory.probes.push_back({.sequence = probe.sequence, .acknowledged = probe.acknowledged});
  }
  return memory;
}

}  // namespace muster::simulator
