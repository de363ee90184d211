#include "agent/outbox/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/looking/section_version.h"
#include "agent/outbox/outbox_cursor.h"
#include "agent/output/status_text.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

// In the year 2116, as epochs are made of nanoseconds.
constexpr uint64_t kLargestEpoch = uint64_t{1} << 62;

VersionFileName name_of(OutboxIndex::Versions::const_iterator held) {
  return {held->first, held->second.version.probe()};
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
  epoch_ = content->cursor.epoch();
  // Whether all that was written can be trusted to be here.
  const bool whole = cursor_fits(*content) && directory_.damaged() == 0;
  for (auto& [number, found] : content->versions) {
    epoch_ = std::max(epoch_, found.stored.epoch);
    index_.add(
        number,
        {.version = std::move(found.stored.version), .bytes = found.bytes, .saved = Saved::kYes});
  }
  if (whole) {
    take_cursor(content->cursor);
  } else {
    begin_epoch(0);
  }
  enforce_bounds();
  return absl::OkStatus();
}

void Outbox::take_cursor(const v1::SyncResponse& cursor) {
  cursor_on_disk_ = true;
  cursor_current_ = true;
  for (const v1::CommittedSection& committed : cursor.committed()) {
    acknowledge_up_to({committed.entity(), committed.probe()}, committed.sequence());
  }
}

void Outbox::begin_epoch(uint64_t at_least) {
  const auto now = static_cast<uint64_t>(clock_.now().time_since_epoch().count());
  epoch_ = std::max({now, at_least, epoch_ + 1});
  withdraw_cursor();
  index_.begin_anew();
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
  const Iterator none = index_.versions().end();
  const Iterator previous = index_.find_newest(OutboxIndex::key_of(version));
  if (previous != none && says_the_same(previous->second.version, version)) {
    HeldVersion& held = previous->second;
    *held.version.mutable_observed_at() = version.observed_at();
    held.version.mutable_measurements()->Swap(version.mutable_measurements());
    held.confirmed = true;
    return absl::OkStatus();
  }

  version.set_sequence(previous == none ? 1 : previous->second.version.sequence() + 1);
  const absl::Status saved =
      save(index_.add(next_number_++, {.version = std::move(version), .confirmed = true}));
  if (previous != none) {
    // While the disk is full, one version of each is held in memory, not a history.
    const bool history_in_memory = previous->second.saved == Saved::kNo;
    if (history_in_memory && !previous->second.acknowledged) ++dropped_;
    if (history_in_memory || (saved.ok() && !previous->second.waits())) remove(previous);
  }
  enforce_bounds();
  if (!saved.ok()) withdraw_cursor();
  return saved;
}

bool Outbox::confirm(std::string_view probe, TimePoint observed_at) {
  const Iterator newest = index_.find_newest({std::string(), std::string(probe)});
  if (newest == index_.versions().end() ||
      newest->second.version.outcome() != v1::OUTCOME_OBSERVED) {
    return false;
  }
  *newest->second.version.mutable_observed_at() = to_proto(observed_at);
  newest->second.confirmed = true;
  return true;
}

absl::Status Outbox::save(Iterator held) {
  StoredVersion stored{epoch_, held->second.version};
  if (held->second.saved != Saved::kNo) {
    if (absl::Status loaded = load_facts(held, stored.version); !loaded.ok()) return loaded;
  }
  const absl::StatusOr<size_t> bytes = directory_.write(name_of(held), stored);
  if (!bytes.ok()) return bytes.status();
  held->second.bytes = *bytes;
  held->second.saved = Saved::kYes;
  held->second.version.clear_facts();
  return absl::OkStatus();
}

absl::Status Outbox::flush() {
  for (Iterator held = index_.versions().begin(); held != index_.versions().end();) {
    if (held->second.saved != Saved::kYes) {
      const absl::Status saved = save(held);
      if (absl::IsDataLoss(saved) || absl::IsNotFound(saved)) {
        // What was in it is lost; the next look records it again.
        held = index_.erase(held);
        continue;
      }
      if (!saved.ok()) return saved;
    }
    ++held;
  }
  // What was acknowledged before its successor was saved is not needed any more.
  for (Iterator held = index_.versions().begin(); held != index_.versions().end();) {
    const bool needed = !held->second.acknowledged || index_.is_newest(held);
    held = needed ? std::next(held) : remove(held);
  }
  return save_cursor();
}

absl::Status Outbox::save_cursor() {
  if (cursor_on_disk_ && cursor_current_) return absl::OkStatus();
  absl::Status written = directory_.write_cursor(cursor_of(epoch_, index_));
  if (written.ok()) cursor_on_disk_ = cursor_current_ = true;
  return written;
}

void Outbox::withdraw_cursor() {
  cursor_on_disk_ = !directory_.remove_cursor();
  cursor_current_ = false;
}

absl::Status Outbox::load_facts(Iterator held, v1::SectionVersion& version) {
  absl::StatusOr<StoredVersion> stored = directory_.read(name_of(held));
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
  index_.add_heartbeats(request, bytes_limit);
  return request;
}

// False if a file was damaged: its version is gone then.
bool Outbox::add_waiting(v1::SyncRequest& request, size_t bytes_limit) {
  size_t bytes = 0;
  for (Iterator held = index_.versions().begin(); held != index_.versions().end(); ++held) {
    if (!held->second.waits()) continue;
    // Its sequence could be used twice if the agent were killed now.
    if (held->second.saved != Saved::kYes && cursor_on_disk_) break;
    v1::SectionVersion version = held->second.version;
    if (held->second.saved != Saved::kNo && !load_facts(held, version).ok()) {
      index_.erase(held);
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

bool Outbox::acknowledge(const v1::SyncResponse& response) {
  if (response.epoch() != epoch_) {
    // A smaller one answers a request from before this epoch began.
    // One from the far end would leave none above it, and an honest collector takes no such epoch.
    if (response.epoch() > epoch_ && response.epoch() < kLargestEpoch) {
      begin_epoch(response.epoch() + 1);
    }
    return false;
  }
  bool progress = false;
  for (const v1::CommittedSection& committed : response.committed()) {
    const Key key{committed.entity(), committed.probe()};
    const Iterator newest = index_.find_newest(key);
    if (newest == index_.versions().end()) continue;
    if (committed.sequence() > newest->second.version.sequence()) {
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
    const Iterator newest = index_.find_newest({wanted.entity(), wanted.probe()});
    if (newest != index_.versions().end()) newest->second.acknowledged = false;
  }
  if (!progress) return false;
  failpoint::pass("outbox.acknowledged", options_.directory);
  cursor_current_ = false;
  if (const absl::Status flushed = flush(); !flushed.ok()) {
    log_warning("what is acknowledged could not be noted, trying again at the next report",
                {{"error", text_of(flushed)}});
  }
  return true;
}

bool Outbox::acknowledge_up_to(const Key& key, uint64_t sequence) {
  bool progress = false;
  // An older file stays until the newest is safe: it keeps the sequence.
  const bool newest_is_safe = index_.find_newest(key)->second.saved == Saved::kYes;
  for (Iterator held = index_.versions().begin(); held != index_.versions().end();) {
    const v1::SectionVersion& version = held->second.version;
    if (OutboxIndex::key_of(version) != key || version.sequence() > sequence) {
      ++held;
      continue;
    }
    progress |= !held->second.acknowledged;
    held->second.acknowledged = true;
    const bool needed = index_.is_newest(held) || !newest_is_safe;
    held = needed ? std::next(held) : remove(held);
  }
  return progress;
}

void Outbox::refuse(const v1::SectionVersion& version) {
  const Iterator held = index_.find(OutboxIndex::key_of(version), version.sequence());
  if (held == index_.versions().end()) return;
  ++dropped_;
  held->second.refused = true;
  if (!index_.is_newest(held)) remove(held);
}

Outbox::Iterator Outbox::remove(Iterator held) {
  if (held->second.saved != Saved::kNo) directory_.remove(name_of(held));
  return index_.erase(held);
}

void Outbox::enforce_bounds() {
  size_t bytes = index_.bytes();
  const TimePoint oldest = clock_.now() - options_.age_limit;
  for (Iterator held = index_.versions().begin(); held != index_.versions().end();) {
    const bool past =
        bytes > options_.bytes_limit || from_proto(held->second.version.changed_at()) < oldest;
    if (!past || index_.is_newest(held)) {
      ++held;
      continue;
    }
    bytes -= held->second.bytes;
    if (!held->second.acknowledged) ++dropped_;
    held = remove(held);
  }
}

OutboxStatistics Outbox::statistics() const {
  return {.waiting = index_.waiting(),
          .bytes = index_.bytes(),
          .dropped = dropped_,
          .damaged = directory_.damaged()};
}

}  // namespace muster::agent
