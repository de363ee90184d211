#include "agent/outbox/version_store.h"

#include <algorithm>

#include "agent/outbox/outbox_cursor.h"
#include "agent/output/status_text.h"
#include "common/log.h"

namespace muster::agent {
namespace {

// Written together, which costs their file system as much as one does.
constexpr size_t kFilesTogether = 1000;
constexpr size_t kBytesTogether = 4 << 20;
// Acknowledged versions of targets that the cursor may lack, or an eighth of what it lists: a kill
// costs that they are sent again.
constexpr size_t kNotNoted = 64;

VersionFileName name_of(Versions::const_iterator held) {
  return {held->first, held->second.version.probe()};
}

}  // namespace

VersionStore::VersionStore(std::string directory, FileWriter write, const Clock& clock)
    : clock_(clock), directory_(std::move(directory), std::move(write)) {}

VersionStore::~VersionStore() {
  if (cursor_on_disk_ && cursor_current_ && targets_not_noted_ > 0 && index_.unsaved().empty()) {
    (void)directory_.write_cursor(cursor_of(epoch_, index_));
  }
}

absl::Status VersionStore::load() {
  absl::StatusOr<OutboxDirectory::Content> content = directory_.load();
  if (!content.ok()) return content.status();
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
  return absl::OkStatus();
}

void VersionStore::take_cursor(const v1::SyncResponse& cursor) {
  for (const v1::CommittedSection& committed : cursor.committed()) {
    const Iterator newest = index_.find_newest({committed.entity(), committed.probe()});
    if (newest != index_.end()) acknowledge_up_to(newest, committed.sequence());
    // The file may be gone with its target.
    if (!committed.entity().empty()) {
      next_number_ = std::max(next_number_, committed.sequence() + 1);
    }
  }
  cursor_on_disk_ = true;
  cursor_current_ = true;
  targets_not_noted_ = 0;
}

VersionStore::Iterator VersionStore::add(v1::SectionVersion version) {
  // The number of its file makes a target's sequence, so that one that was forgotten can come back.
  uint64_t sequence = next_number_;
  if (version.entity().empty()) {
    const Iterator newest = index_.find_newest(OutboxIndex::key_of(version));
    sequence = newest == index_.end() ? 1 : newest->second.version.sequence() + 1;
  }
  version.set_sequence(sequence);
  return index_.add(next_number_++, {.version = std::move(version), .confirmed = true});
}

absl::Status VersionStore::save(const std::vector<Iterator>& versions) {
  Unwritten unwritten;
  for (const Iterator held : versions) {
    StoredVersion stored{epoch_, held->second.version};
    if (held->second.saved != Saved::kNo) {
      const absl::Status loaded = load_facts(held, stored.version);
      if (absl::IsDataLoss(loaded) || absl::IsNotFound(loaded)) {
        // What was in it is lost; the next look records it again.
        index_.erase(held);
        continue;
      }
      if (!loaded.ok()) return loaded;
    }
    unwritten.held.push_back(held);
    unwritten.sealed.push_back({name_of(held), seal_version(stored)});
    unwritten.bytes += unwritten.sealed.back().bytes.size();
    if (unwritten.held.size() < kFilesTogether && unwritten.bytes < kBytesTogether) continue;
    if (absl::Status written = save_together(unwritten); !written.ok()) return written;
  }
  return save_together(unwritten);
}

absl::Status VersionStore::save_together(Unwritten& unwritten) {
  absl::Status first;
  if (unwritten.held.empty()) return first;
  const std::vector<absl::Status> written = directory_.write(unwritten.sealed);
  for (size_t i = 0; i < written.size(); ++i) {
    first.Update(written[i]);
    if (!written[i].ok()) continue;
    index_.change(unwritten.held[i], [&](HeldVersion& held) {
      held.bytes = unwritten.sealed[i].bytes.size();
      held.saved = Saved::kYes;
      held.version.clear_facts();
    });
  }
  unwritten = {};
  return first;
}

absl::Status VersionStore::flush() {
  std::vector<Iterator> versions;
  for (const uint64_t number : index_.unsaved())
    versions.push_back(index_.at(number));
  if (absl::Status saved = save(versions); !saved.ok()) return saved;
  // What was acknowledged before its successor was saved is not needed any more.
  while (!index_.settled().empty())
    remove(index_.at(*index_.settled().begin()));
  return save_cursor();
}

bool VersionStore::cursor_is_due() const {
  return !cursor_on_disk_ || !cursor_current_ ||
         targets_not_noted_ > std::max(kNotNoted, index_.keys().size() / 8);
}

absl::Status VersionStore::save_cursor() {
  if (!cursor_is_due()) return absl::OkStatus();
  absl::Status written = directory_.write_cursor(cursor_of(epoch_, index_));
  if (written.ok()) {
    cursor_on_disk_ = cursor_current_ = true;
    targets_not_noted_ = 0;
  }
  return written;
}

void VersionStore::withdraw_cursor() {
  cursor_on_disk_ = !directory_.remove_cursor();
  cursor_current_ = false;
}

void VersionStore::begin_epoch(uint64_t at_least) {
  const auto now = static_cast<uint64_t>(clock_.now().time_since_epoch().count());
  epoch_ = std::max({now, at_least, epoch_ + 1});
  withdraw_cursor();
  index_.begin_anew();
  if (const absl::Status flushed = flush(); !flushed.ok()) {
    log_error("the outbox could not be saved, trying again at the next report",
              {{"error", text_of(flushed)}});
  }
}

bool VersionStore::may_send(const HeldVersion& held) const {
  return held.saved == Saved::kYes || !cursor_on_disk_;
}

absl::Status VersionStore::load_facts(Iterator held, v1::SectionVersion& version) {
  absl::StatusOr<StoredVersion> stored = directory_.read(name_of(held));
  if (!stored.ok()) return stored.status();
  if (stored->version.digest() != version.digest()) {
    return absl::DataLossError("it holds other facts");
  }
  if (stored->version.has_facts()) version.set_facts(std::move(*stored->version.mutable_facts()));
  return absl::OkStatus();
}

bool VersionStore::acknowledge_up_to(Iterator newest, uint64_t sequence) {
  bool progress = false;
  // An older file stays until the newest is safe: it keeps the sequence.
  const bool newest_is_safe = newest->second.saved == Saved::kYes;
  const std::set<uint64_t>& numbers = newest->second.key->second.numbers;
  for (auto next = numbers.begin(); next != numbers.end();) {
    const Iterator held = index_.at(*next++);
    if (held->second.version.sequence() > sequence) break;
    if (!held->second.acknowledged) {
      progress = true;
      index_.change(held, [](HeldVersion& version) { version.acknowledged = true; });
    }
    if (held != newest && newest_is_safe) remove(held);
  }
  if (!progress) return false;
  if (newest->second.is_of_target()) {
    ++targets_not_noted_;
  } else {
    cursor_current_ = false;
  }
  return true;
}

void VersionStore::remove(Iterator held) {
  if (held->second.saved != Saved::kNo) directory_.remove(name_of(held));
  index_.erase(held);
}

uint64_t VersionStore::last_number_on_disk() const {
  for (auto held = index_.versions().rbegin(); held != index_.versions().rend(); ++held) {
    if (held->second.saved != Saved::kNo) return held->first;
  }
  return 0;
}

bool VersionStore::remove_settled(const VersionKey& key, bool even_last) {
  const Iterator newest = index_.find_newest(key);
  if (newest == index_.end()) return true;
  const std::set<uint64_t> numbers = newest->second.key->second.numbers;
  size_t left = 0;
  for (const uint64_t number : numbers) {
    const Iterator held = index_.at(number);
    const bool stays = held->second.waits() || (!even_last && number == last_number_on_disk());
    if (stays) {
      ++left;
    } else {
      remove(held);
    }
  }
  return left == 0;
}

}  // namespace muster::agent
