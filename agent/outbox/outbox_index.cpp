#include "agent/outbox/outbox_index.h"

#include <iterator>
#include <utility>

namespace muster::agent {

VersionKey OutboxIndex::key_of(const v1::SectionVersion& version) {
  return {version.entity(), version.probe()};
}

void OutboxIndex::enter(Versions::const_iterator version) {
  const auto& [number, held] = *version;
  bytes_ += held.bytes;
  if (held.waits()) waiting_.insert(number);
  if (held.saved != Saved::kYes) unsaved_.insert(number);
  if (is_newest(version)) return;
  superseded_.insert(number);
  if (!held.waits()) settled_.insert(number);
}

void OutboxIndex::leave(Versions::const_iterator version) {
  const auto& [number, held] = *version;
  bytes_ -= held.bytes;
  waiting_.erase(number);
  unsaved_.erase(number);
  superseded_.erase(number);
  settled_.erase(number);
}

OutboxIndex::Iterator OutboxIndex::add(uint64_t number, HeldVersion version) {
  const auto key = keys_.try_emplace(key_of(version.version)).first;
  std::set<uint64_t>& numbers = key->second.numbers;
  const Iterator before = numbers.empty() ? end() : at(*numbers.rbegin());
  if (before != end()) leave(before);
  numbers.insert(number);
  if (before != end()) enter(before);
  version.key = key;
  const Iterator added = versions_.emplace(number, std::move(version)).first;
  enter(added);
  return added;
}

void OutboxIndex::erase(Iterator version) {
  const auto key = version->second.key;
  leave(version);
  std::set<uint64_t>& numbers = key->second.numbers;
  const bool was_newest = is_newest(version);
  const Iterator successor = was_newest ? before(version) : end();
  if (successor != end()) leave(successor);
  numbers.erase(version->first);
  if (successor != end()) enter(successor);
  versions_.erase(version);
  if (numbers.empty()) {
    heartbeats_.remove(key->first);
    keys_.erase(key);
  }
}

OutboxIndex::Iterator OutboxIndex::find_newest(const VersionKey& key) {
  const auto known = keys_.find(key);
  return known == keys_.end() ? end() : at(*known->second.numbers.rbegin());
}

OutboxIndex::Iterator OutboxIndex::find(const VersionKey& key, uint64_t sequence) {
  const auto known = keys_.find(key);
  if (known == keys_.end()) return end();
  for (const uint64_t number : known->second.numbers) {
    const Iterator held = at(number);
    if (held->second.version.sequence() == sequence) return held;
  }
  return end();
}

OutboxIndex::Iterator OutboxIndex::before(Iterator version) {
  const std::set<uint64_t>& numbers = version->second.key->second.numbers;
  const auto place = numbers.find(version->first);
  return place == numbers.begin() ? end() : at(*std::prev(place));
}

const HeldVersion& OutboxIndex::newest_of(const KeyState& state) const {
  return versions_.at(*state.numbers.rbegin());
}

bool OutboxIndex::is_newest(Versions::const_iterator version) {
  return *version->second.key->second.numbers.rbegin() == version->first;
}

void OutboxIndex::begin_anew() {
  std::map<const KeyState*, uint64_t> sequences;
  for (Iterator held = versions_.begin(); held != end(); ++held) {
    change(held, [&](HeldVersion& version) {
      const uint64_t next = ++sequences[&version.key->second];
      version.version.set_sequence(version.is_of_target() ? held->first : next);
      version.acknowledged = false;
      if (version.saved == Saved::kYes) version.saved = Saved::kStale;
    });
  }
}

void OutboxIndex::confirm(Iterator newest) {
  newest->second.confirmed = true;
  if (newest->second.is_of_target()) heartbeats_.add(newest->second.key->first);
}

namespace {

bool has_heartbeat(const HeldVersion& newest) {
  return newest.acknowledged && newest.refused == Refused::kNo && newest.confirmed;
}

// Whether there was room.
bool add_heartbeat(v1::SyncRequest& request, size_t& bytes, size_t bytes_limit,
                   const HeldVersion& newest) {
  bytes += newest.version.ByteSizeLong();
  if (bytes > bytes_limit) return false;
  v1::SectionVersion& heartbeat = *request.add_versions();
  heartbeat = newest.version;
  heartbeat.clear_facts();
  return true;
}

}  // namespace

void OutboxIndex::add_heartbeats(v1::SyncRequest& request, size_t bytes_limit, int versions_limit) {
  size_t bytes = request.ByteSizeLong();
  for (const auto& [key, state] : keys_) {
    if (!key.first.empty()) break;
    const HeldVersion& newest = newest_of(state);
    if (has_heartbeat(newest) && !add_heartbeat(request, bytes, bytes_limit, newest)) break;
  }
  const bool all = heartbeats_.offer([&](const VersionKey& key) {
    using Taken = HeartbeatQueue::Taken;
    const HeldVersion& newest = find_newest(key)->second;
    // A version that waits has its time with it.
    if (!has_heartbeat(newest)) return Taken::kNotNeeded;
    if (request.versions_size() >= versions_limit ||
        !add_heartbeat(request, bytes, bytes_limit, newest)) {
      return Taken::kNoRoom;
    }
    return Taken::kYes;
  });
  if (!all) request.set_more(true);
}

int OutboxIndex::most_host_heartbeats() const {
  int count = 0;
  for (auto key = keys_.begin(); key != keys_.end() && key->first.first.empty(); ++key)
    ++count;
  return count;
}

}  // namespace muster::agent
