#include "agent/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/status_text.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/log.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

std::pair<std::string, std::string> key_of(const v1::SectionVersion& version) {
  return {version.entity(), version.probe()};
}

VersionFileName name_of(uint64_t number, const v1::SectionVersion& version) {
  return {number, version.probe()};
}

v1::SectionVersion version_of(const v1::Section& section) {
  v1::SectionVersion version;
  version.set_entity(section.entity());
  version.set_probe(section.probe());
  version.set_outcome(section.outcome());
  version.set_reason(section.reason());
  *version.mutable_changed_at() = section.observed_at();
  *version.mutable_observed_at() = section.observed_at();
  *version.mutable_measurements() = section.measurements();
  if (section.outcome() == v1::OUTCOME_OBSERVED) {
    version.set_facts_type(section.facts_type());
    version.set_digest(sha256(section.facts()));
    version.set_facts(section.facts());
  }
  return version;
}

bool says_the_same(const v1::SectionVersion& a, const v1::SectionVersion& b) {
  return a.outcome() == b.outcome() && a.reason() == b.reason() &&
         a.facts_type() == b.facts_type() && a.digest() == b.digest();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outbox>> Outbox::open(OutboxOptions options, const Clock& clock) {
  if (!options.write) options.write = write_file_atomically;
  std::unique_ptr<Outbox> outbox(new Outbox(std::move(options), clock));
  if (absl::Status loaded = outbox->load(); !loaded.ok()) return loaded;
  return outbox;
}

Outbox::Outbox(OutboxOptions options, const Clock& clock)
    : clock_(clock), options_(std::move(options)), directory_(options_.directory, options_.write) {}

absl::Status Outbox::load() {
  absl::StatusOr<OutboxDirectory::Content> content = directory_.load();
  if (!content.ok()) {
    return while_doing("opening the outbox", content.status());
  }
  next_number_ = content->next_number;
  for (auto& [number, found] : content->versions) {
    epoch_ = std::max(epoch_, found.stored.epoch);
    Entry entry;
    entry.version = std::move(found.stored.version);
    entry.bytes = found.bytes;
    entry.saved = Saved::kYes;
    entries_.emplace(number, std::move(entry));
  }
  find_newest();
  if (!take_cursor(*content)) begin_epoch(0);
  enforce_bounds();
  return absl::OkStatus();
}

// Whether the cursor fits the versions, and all that was written can be trusted to be here.
bool Outbox::take_cursor(const OutboxDirectory::Content& content) {
  epoch_ = std::max(epoch_, content.cursor.epoch());
  if (!content.has_cursor || directory_.damaged() > 0) return false;
  std::map<Key, uint64_t> last;
  for (const auto& [number, found] : content.versions) {
    uint64_t& sequence = last[key_of(entries_.at(number).version)];
    if (found.stored.epoch != content.cursor.epoch() ||
        entries_.at(number).version.sequence() <= sequence) {
      return false;
    }
    sequence = entries_.at(number).version.sequence();
  }
  for (const v1::CommittedSection& committed : content.cursor.committed()) {
    const auto known = last.find({committed.entity(), committed.probe()});
    if (known == last.end() || committed.sequence() > known->second) return false;
  }
  cursor_on_disk_ = true;
  cursor_current_ = true;
  for (const v1::CommittedSection& committed : content.cursor.committed()) {
    acknowledge_up_to({committed.entity(), committed.probe()}, committed.sequence());
  }
  return true;
}

void Outbox::find_newest() {
  newest_.clear();
  for (const auto& [number, entry] : entries_)
    newest_[key_of(entry.version)] = number;
}

void Outbox::begin_epoch(uint64_t at_least) {
  const auto now = static_cast<uint64_t>(clock_.now().time_since_epoch().count());
  epoch_ = std::max({now, at_least, epoch_ + 1});
  withdraw_cursor();
  std::map<Key, uint64_t> sequences;
  for (auto& [number, entry] : entries_) {
    entry.version.set_sequence(++sequences[key_of(entry.version)]);
    entry.acknowledged = false;
    if (entry.saved == Saved::kYes) entry.saved = Saved::kStale;
  }
  if (const absl::Status flushed = flush(); !flushed.ok()) {
    log_error("the outbox could not be saved, trying again at the next report",
              {{"error", text_of(flushed)}});
  }
}

absl::Status Outbox::record(const v1::Section& section) {
  if (!is_probe_name(section.probe())) {
    return absl::InvalidArgumentError(fmt::format("'{}' is no name of a probe", section.probe()));
  }
  if (section.ByteSizeLong() > kSectionBytesLimit) {
    return absl::InvalidArgumentError(fmt::format("a section of {} bytes, at most {} are taken",
                                                  section.ByteSizeLong(), kSectionBytesLimit));
  }
  v1::SectionVersion version = version_of(section);
  const Key key = key_of(version);
  const auto known = newest_.find(key);
  const auto previous = known == newest_.end() ? entries_.end() : entries_.find(known->second);
  if (previous != entries_.end() && says_the_same(previous->second.version, version)) {
    Entry& entry = previous->second;
    *entry.version.mutable_observed_at() = version.observed_at();
    entry.version.mutable_measurements()->Swap(version.mutable_measurements());
    entry.confirmed = true;
    return absl::OkStatus();
  }

  version.set_sequence(previous == entries_.end() ? 1 : previous->second.version.sequence() + 1);
  const uint64_t number = next_number_++;
  Entry& entry = entries_[number];
  entry.version = std::move(version);
  entry.confirmed = true;
  newest_[key] = number;
  const absl::Status saved = save(number, entry);
  if (previous != entries_.end()) {
    // While the disk is full, one version of each is held in memory, not a history.
    const bool history_in_memory = previous->second.saved == Saved::kNo;
    if (history_in_memory && !previous->second.acknowledged) ++dropped_;
    if (history_in_memory || (saved.ok() && previous->second.acknowledged)) erase(previous);
  }
  enforce_bounds();
  if (saved.ok()) return saved;
  withdraw_cursor();
  return saved;
}

bool Outbox::confirm(std::string_view probe, TimePoint observed_at) {
  const auto newest = newest_.find({std::string(), std::string(probe)});
  if (newest == newest_.end()) return false;
  Entry& entry = entries_.at(newest->second);
  *entry.version.mutable_observed_at() = to_proto(observed_at);
  entry.confirmed = true;
  return true;
}

absl::Status Outbox::save(uint64_t number, Entry& entry) {
  StoredVersion stored{epoch_, entry.version};
  if (entry.saved != Saved::kNo) {
    if (absl::Status loaded = load_facts(number, entry, stored.version); !loaded.ok()) {
      return loaded;
    }
  }
  const absl::StatusOr<size_t> bytes = directory_.write(name_of(number, entry.version), stored);
  if (!bytes.ok()) return bytes.status();
  entry.bytes = *bytes;
  entry.saved = Saved::kYes;
  entry.version.clear_facts();
  return absl::OkStatus();
}

absl::Status Outbox::flush() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.saved != Saved::kYes) {
      const absl::Status saved = save(entry->first, entry->second);
      if (absl::IsDataLoss(saved) || absl::IsNotFound(saved)) {
        // What was in it is lost; the next look records it again.
        entry = entries_.erase(entry);
        find_newest();
        continue;
      }
      if (!saved.ok()) return saved;
    }
    ++entry;
  }
  // What was acknowledged before its successor was saved is not needed any more.
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool needed = !entry->second.acknowledged || is_newest(entry->first, entry->second);
    entry = needed ? std::next(entry) : erase(entry);
  }
  return save_cursor();
}

absl::Status Outbox::save_cursor() {
  if (cursor_on_disk_ && cursor_current_) return absl::OkStatus();
  v1::SyncResponse cursor;
  cursor.set_epoch(epoch_);
  for (const auto& [key, number] : newest_) {
    const Entry& entry = entries_.at(number);
    if (!entry.acknowledged) continue;
    v1::CommittedSection& committed = *cursor.add_committed();
    committed.set_entity(key.first);
    committed.set_probe(key.second);
    committed.set_sequence(entry.version.sequence());
  }
  absl::Status written = directory_.write_cursor(cursor);
  if (written.ok()) cursor_on_disk_ = cursor_current_ = true;
  return written;
}

void Outbox::withdraw_cursor() {
  cursor_on_disk_ = !directory_.remove_cursor();
  cursor_current_ = false;
}

absl::Status Outbox::load_facts(uint64_t number, const Entry& entry, v1::SectionVersion& version) {
  absl::StatusOr<StoredVersion> stored = directory_.read(name_of(number, entry.version));
  if (!stored.ok()) return stored.status();
  if (stored->version.digest() != version.digest()) {
    return absl::DataLossError("it holds other facts");
  }
  if (stored->version.has_facts()) version.set_facts(std::move(*stored->version.mutable_facts()));
  return absl::OkStatus();
}

v1::SyncRequest Outbox::batch(size_t bytes_limit) {
  v1::SyncRequest request;
  // A damaged file begins a new epoch, and with it the request; each time there is a file less.
  while (!add_waiting(request, bytes_limit)) {
    request.Clear();
    begin_epoch(0);
  }
  request.set_epoch(epoch_);
  add_heartbeats(request, bytes_limit);
  return request;
}

// False if a file was damaged: the entry is gone then.
bool Outbox::add_waiting(v1::SyncRequest& request, size_t bytes_limit) {
  size_t bytes = 0;
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->second.acknowledged || entry->second.refused) continue;
    // Its sequence could be used twice if the agent were killed now.
    if (entry->second.saved != Saved::kYes && cursor_on_disk_) break;
    v1::SectionVersion version = entry->second.version;
    if (entry->second.saved != Saved::kNo &&
        !load_facts(entry->first, entry->second, version).ok()) {
      entries_.erase(entry);
      find_newest();
      return false;
    }
    bytes += version.ByteSizeLong();
    if (bytes > bytes_limit && request.versions_size() > 0) {
      request.set_more(true);
      break;
    }
    *request.add_versions() = std::move(version);
  }
  return true;
}

void Outbox::add_heartbeats(v1::SyncRequest& request, size_t bytes_limit) const {
  size_t bytes = request.ByteSizeLong();
  for (const auto& [key, number] : newest_) {
    const Entry& entry = entries_.at(number);
    if (!entry.acknowledged || entry.refused || !entry.confirmed) continue;
    bytes += entry.version.ByteSizeLong();
    if (bytes > bytes_limit) return;
    *request.add_versions() = entry.version;
    request.mutable_versions(request.versions_size() - 1)->clear_facts();
  }
}

bool Outbox::acknowledge(const v1::SyncResponse& response) {
  if (response.epoch() != epoch_) {
    // A smaller one answers a request from before this epoch began.
    if (response.epoch() > epoch_) begin_epoch(response.epoch() + 1);
    return false;
  }
  bool progress = false;
  for (const v1::CommittedSection& committed : response.committed()) {
    const Key key{committed.entity(), committed.probe()};
    const auto newest = newest_.find(key);
    if (newest == newest_.end()) continue;
    if (committed.sequence() > entries_.at(newest->second).version.sequence()) {
      log_warning(
          "the collector has seen more than this outbox holds, as after a restored backup: "
          "a new epoch begins",
          {{"probe", key.second}});
      begin_epoch(0);
      return false;
    }
    progress |= acknowledge_up_to(key, committed.sequence());
  }
  for (const v1::WantedSection& wanted : response.wanted()) {
    const auto newest = newest_.find({wanted.entity(), wanted.probe()});
    if (newest != newest_.end()) entries_.at(newest->second).acknowledged = false;
  }
  if (!progress) return false;
  cursor_current_ = false;
  if (const absl::Status flushed = flush(); !flushed.ok()) {
    log_warning("what is acknowledged could not be noted, trying again at the next report",
                {{"error", text_of(flushed)}});
  }
  return true;
}

bool Outbox::acknowledge_up_to(const Key& key, uint64_t sequence) {
  bool progress = false;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (key_of(entry->second.version) != key || entry->second.version.sequence() > sequence) {
      ++entry;
      continue;
    }
    progress |= !entry->second.acknowledged;
    entry->second.acknowledged = true;
    // An older file stays until the newest is safe: it keeps the sequence.
    const bool newest_is_safe = entries_.at(newest_.at(key)).saved == Saved::kYes;
    const bool needed = is_newest(entry->first, entry->second) || !newest_is_safe;
    entry = needed ? std::next(entry) : erase(entry);
  }
  return progress;
}

void Outbox::refuse(const v1::SectionVersion& version) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (key_of(entry->second.version) != key_of(version) ||
        entry->second.version.sequence() != version.sequence()) {
      continue;
    }
    ++dropped_;
    entry->second.refused = true;
    if (!is_newest(entry->first, entry->second)) erase(entry);
    return;
  }
}

bool Outbox::is_newest(uint64_t number, const Entry& entry) const {
  const auto newest = newest_.find(key_of(entry.version));
  return newest != newest_.end() && newest->second == number;
}

Outbox::Entries::iterator Outbox::erase(Entries::iterator entry) {
  if (entry->second.saved != Saved::kNo) {
    directory_.remove(name_of(entry->first, entry->second.version));
  }
  return entries_.erase(entry);
}

void Outbox::enforce_bounds() {
  size_t bytes = statistics().bytes;
  const TimePoint oldest = clock_.now() - options_.age_limit;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool past =
        bytes > options_.bytes_limit || from_proto(entry->second.version.changed_at()) < oldest;
    if (!past || is_newest(entry->first, entry->second)) {
      ++entry;
      continue;
    }
    bytes -= entry->second.bytes;
    if (!entry->second.acknowledged) ++dropped_;
    entry = erase(entry);
  }
}

OutboxStatistics Outbox::statistics() const {
  OutboxStatistics statistics;
  for (const auto& [number, entry] : entries_) {
    if (!entry.acknowledged && !entry.refused) ++statistics.waiting;
    statistics.bytes += entry.bytes;
  }
  statistics.dropped = dropped_;
  statistics.damaged = directory_.damaged();
  return statistics;
}

}  // namespace muster::agent
