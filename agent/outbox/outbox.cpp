#include "agent/outbox/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/looking/section_version.h"
#include "agent/output/status_text.h"
#include "common/failpoint.h"
#include "common/log.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

// In the year 2116, as epochs are made of nanoseconds.
constexpr uint64_t kLargestEpoch = uint64_t{1} << 62;

absl::Status check(const v1::Section& section) {
  if (!is_probe_name(section.probe())) {
    return absl::InvalidArgumentError(fmt::format("'{}' is no name of a probe", section.probe()));
  }
  if (section.ByteSizeLong() > kSectionBytesLimit) {
    return absl::InvalidArgumentError(fmt::format("a section of {} bytes, at most {} are taken",
                                                  section.ByteSizeLong(), kSectionBytesLimit));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outbox>> Outbox::open(OutboxOptions options, const Clock& clock) {
  if (!options.write) options.write = write_files_atomically;
  std::unique_ptr<Outbox> outbox(new Outbox(std::move(options), clock));
  if (absl::Status loaded = outbox->load(); !loaded.ok()) return loaded;
  return outbox;
}

Outbox::Outbox(OutboxOptions options, const Clock& clock)
    : clock_(clock),
      options_(std::move(options)),
      store_(options_.directory, options_.write, clock),
      index_(store_.index()) {}

absl::Status Outbox::load() {
  if (absl::Status loaded = store_.load(); !loaded.ok()) {
    return while_doing("opening the outbox", loaded);
  }
  enforce_bounds();
  return absl::OkStatus();
}

void Outbox::begin_epoch(uint64_t at_least) {
  // What is forgotten must not wait again.
  store_.withdraw_cursor();
  remove_forgotten(true);
  store_.begin_epoch(at_least);
}

absl::Status Outbox::record_all(std::span<const v1::Section> sections) {
  absl::Status result;
  std::vector<Iterator> added;
  for (const v1::Section& section : sections) {
    if (absl::Status bad = check(section); !bad.ok()) {
      result.Update(bad);
      continue;
    }
    v1::SectionVersion version = version_of(section);
    const VersionKey key = OutboxIndex::key_of(version);
    if (!forgotten_.empty()) forgotten_.erase(key);
    const Iterator newest = index_.find_newest(key);
    if (newest != index_.end() && says_the_same(newest->second.version, version)) {
      confirm(newest, std::move(version));
      continue;
    }
    // One after the other: a version may only replace one that is saved.
    const bool is_in_added =
        newest != index_.end() && !added.empty() && newest->first >= added.front()->first;
    if (is_in_added) result.Update(save_added(added));
    added.push_back(store_.add(std::move(version)));
  }
  result.Update(save_added(added));
  return result;
}

void Outbox::confirm(Iterator newest, v1::SectionVersion&& look) {
  HeldVersion& held = newest->second;
  *held.version.mutable_observed_at() = look.observed_at();
  held.version.mutable_measurements()->Swap(look.mutable_measurements());
  if (held.refused == Refused::kUntilSeenAgain) {
    index_.change(newest, [](HeldVersion& known) { known.refused = Refused::kNo; });
  }
  index_.confirm(newest);
}

absl::Status Outbox::save_added(std::vector<Iterator>& added) {
  if (added.empty()) return absl::OkStatus();
  absl::Status saved = store_.save(added);
  for (const Iterator held : added) {
    const Iterator previous = index_.before(held);
    if (previous == index_.end()) continue;
    // While the disk is full, one version of each is held in memory, not a history.
    const bool history_in_memory = previous->second.saved == Saved::kNo;
    if (history_in_memory && previous->second.waits()) ++dropped_;
    const bool replaced = held->second.saved == Saved::kYes && !previous->second.waits();
    if (history_in_memory || replaced) store_.remove(previous);
  }
  added.clear();
  enforce_bounds();
  remove_forgotten(false);
  if (!saved.ok()) store_.withdraw_cursor();
  return saved;
}

bool Outbox::confirm(std::string_view probe, TimePoint observed_at) {
  const Iterator newest = index_.find_newest({std::string(), std::string(probe)});
  if (newest == index_.end() || newest->second.version.outcome() == v1::OUTCOME_FAILED) {
    return false;
  }
  *newest->second.version.mutable_observed_at() = to_proto(observed_at);
  index_.confirm(newest);
  return true;
}

absl::StatusOr<v1::Section> Outbox::newest(std::string_view probe) {
  const Iterator held = index_.find_newest({std::string(), std::string(probe)});
  if (held == index_.end()) return absl::NotFoundError("nothing of it is held");
  v1::SectionVersion version = held->second.version;
  if (held->second.saved != Saved::kNo) {
    if (absl::Status loaded = store_.load_facts(held, version); !loaded.ok()) return loaded;
  }
  v1::Section section;
  section.set_probe(version.probe());
  section.set_outcome(version.outcome());
  section.set_reason(version.reason());
  section.set_facts_type(version.facts_type());
  section.set_facts(std::move(*version.mutable_facts()));
  return section;
}

void Outbox::forget(std::string_view entity) {
  if (entity.empty()) return;
  std::vector<VersionKey> keys;
  for (auto key = index_.keys().lower_bound({std::string(entity), ""});
       key != index_.keys().end() && key->first.first == entity; ++key) {
    keys.push_back(key->first);
  }
  for (const VersionKey& key : keys)
    forget(key);
  remove_forgotten(false);
}

void Outbox::forget_all_but(const std::set<std::string>& entities) {
  for (const auto& [key, state] : index_.keys()) {
    if (!key.first.empty() && !entities.contains(key.first)) forget(key);
  }
  remove_forgotten(false);
}

void Outbox::forget(const VersionKey& key) {
  index_.heartbeats().remove(index_.keys().find(key)->first);
  forgotten_.insert(key);
}

void Outbox::remove_forgotten(bool even_last) {
  std::erase_if(forgotten_, [this, even_last](const VersionKey& key) {
    return store_.remove_settled(key, even_last);
  });
}

v1::SyncRequest Outbox::batch(size_t bytes_limit) {
  v1::SyncRequest request;
  // A damaged file begins a new epoch, and with it the request; each time there is a file less.
  while (!add_waiting(request, bytes_limit)) {
    request.Clear();
    begin_epoch(0);
  }
  request.set_epoch(store_.epoch());
  index_.add_heartbeats(request, bytes_limit, kReportVersionsLimit);
  return request;
}

// False if a file was damaged: its version is gone then.
bool Outbox::add_waiting(v1::SyncRequest& request, size_t bytes_limit) {
  const int most = std::max(1, kReportVersionsLimit - index_.most_host_heartbeats());
  size_t bytes = 0;
  for (const uint64_t number : index_.waiting()) {
    const Iterator held = index_.at(number);
    if (!store_.may_send(held->second)) break;
    v1::SectionVersion version = held->second.version;
    if (held->second.saved != Saved::kNo && !store_.load_facts(held, version).ok()) {
      index_.erase(held);
      return false;
    }
    bytes += version.ByteSizeLong();
    const bool has_room = bytes <= bytes_limit && request.versions_size() < most;
    if (!has_room && request.versions_size() > 0) {
      request.set_more(true);
      break;
    }
    *request.add_versions() = std::move(version);
  }
  return true;
}

bool Outbox::acknowledge(const v1::SyncResponse& response) {
  if (response.epoch() != store_.epoch()) {
    // A smaller one answers a request from before this epoch began.
    // One from the far end would leave none above it, and an honest collector takes no such epoch.
    if (response.epoch() > store_.epoch() && response.epoch() < kLargestEpoch) {
      begin_epoch(response.epoch() + 1);
    }
    return false;
  }
  bool progress = false;
  for (const v1::CommittedSection& committed : response.committed()) {
    const VersionKey key{committed.entity(), committed.probe()};
    const Iterator newest = index_.find_newest(key);
    if (newest == index_.end()) continue;
    if (committed.sequence() > newest->second.version.sequence()) {
      log_warning(
          "the collector has seen more than this outbox holds, as after a restored backup: "
          "a new epoch begins",
          {{"probe", key.second}});
      begin_epoch(0);
      return false;
    }
    progress |= store_.acknowledge_up_to(newest, committed.sequence());
  }
  for (const v1::RefusedSection& refused : response.refused())
    progress |= take_refused(refused);
  for (const v1::WantedSection& wanted : response.wanted()) {
    const VersionKey key{wanted.entity(), wanted.probe()};
    const Iterator newest = index_.find_newest(key);
    if (newest == index_.end() || forgotten_.contains(key)) continue;
    index_.change(newest, [](HeldVersion& held) { held.acknowledged = false; });
  }
  const bool heartbeats_done = index_.heartbeats().answered();
  if (!progress) return heartbeats_done;
  failpoint::pass("outbox.acknowledged", options_.directory);
  remove_forgotten(false);
  if (const absl::Status flushed = flush(); !flushed.ok()) {
    log_warning("what is acknowledged could not be noted, trying again at the next report",
                {{"error", text_of(flushed)}});
  }
  return true;
}

// Whether anything that waited is done by it.
bool Outbox::take_refused(const v1::RefusedSection& refused) {
  if (refused.entity().empty()) return false;
  const Iterator newest = index_.find_newest({refused.entity(), refused.probe()});
  if (newest == index_.end()) return false;
  const uint64_t before = refused_;
  const std::set<uint64_t> numbers = newest->second.key->second.numbers;
  for (const uint64_t number : numbers) {
    const Iterator held = index_.at(number);
    if (held->second.version.sequence() > refused.sequence()) break;
    if (held->second.waits()) ++refused_;
    index_.change(held, [](HeldVersion& version) {
      if (version.refused == Refused::kNo) version.refused = Refused::kUntilSeenAgain;
    });
    // As with what is acknowledged: the newest must be safe.
    if (held != newest && newest->second.saved == Saved::kYes) store_.remove(held);
  }
  return refused_ > before;
}

void Outbox::refuse(const v1::SectionVersion& version) {
  const Iterator held = index_.find(OutboxIndex::key_of(version), version.sequence());
  if (held == index_.end()) return;
  ++dropped_;
  index_.change(held, [](HeldVersion& known) { known.refused = Refused::kForGood; });
  if (!OutboxIndex::is_newest(held)) store_.remove(held);
  remove_forgotten(false);
}

void Outbox::enforce_bounds() {
  const TimePoint oldest = clock_.now() - options_.age_limit;
  while (!index_.superseded().empty()) {
    const Iterator held = index_.at(*index_.superseded().begin());
    const bool past = index_.bytes() > options_.bytes_limit ||
                      from_proto(held->second.version.changed_at()) < oldest;
    if (!past) return;
    if (held->second.waits()) ++dropped_;
    store_.remove(held);
  }
}

OutboxStatistics Outbox::statistics() const {
  return {.waiting = index_.waiting().size(),
          .bytes = index_.bytes(),
          .dropped = dropped_,
          .damaged = store_.damaged(),
          .refused = refused_};
}

}  // namespace muster::agent
