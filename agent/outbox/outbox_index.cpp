#include "agent/outbox/outbox_index.h"

#include <algorithm>
#include <numeric>

namespace muster::agent {

OutboxIndex::Key OutboxIndex::key_of(const v1::SectionVersion& version) {
  return {version.entity(), version.probe()};
}

OutboxIndex::Versions::iterator OutboxIndex::add(uint64_t number, HeldVersion version) {
  newest_[key_of(version.version)] = number;
  return versions_.emplace(number, std::move(version)).first;
}

OutboxIndex::Versions::iterator OutboxIndex::erase(Versions::iterator version) {
  const Key key = key_of(version->second.version);
  const bool was_newest = is_newest(version);
  const auto next = versions_.erase(version);
  if (!was_newest) return next;
  newest_.erase(key);
  for (const auto& [number, held] : versions_) {
    if (key_of(held.version) == key) newest_[key] = number;
  }
  return next;
}

OutboxIndex::Versions::iterator OutboxIndex::find_newest(const Key& key) {
  const auto newest = newest_.find(key);
  return newest == newest_.end() ? versions_.end() : versions_.find(newest->second);
}

OutboxIndex::Versions::iterator OutboxIndex::find(const Key& key, uint64_t sequence) {
  return std::find_if(versions_.begin(), versions_.end(), [&](const auto& held) {
    const v1::SectionVersion& version = held.second.version;
    return version.sequence() == sequence && key_of(version) == key;
  });
}

bool OutboxIndex::is_newest(Versions::const_iterator version) const {
  const auto newest = newest_.find(key_of(version->second.version));
  return newest != newest_.end() && newest->second == version->first;
}

void OutboxIndex::begin_anew() {
  std::map<Key, uint64_t> sequences;
  for (auto& [number, held] : versions_) {
    held.version.set_sequence(++sequences[key_of(held.version)]);
    held.acknowledged = false;
    if (held.saved == Saved::kYes) held.saved = Saved::kStale;
  }
}

void OutboxIndex::add_heartbeats(v1::SyncRequest& request, size_t bytes_limit) const {
  size_t bytes = request.ByteSizeLong();
  for (const auto& [key, number] : newest_) {
    const HeldVersion& held = versions_.at(number);
    if (!held.acknowledged || held.refused || !held.confirmed) continue;
    bytes += held.version.ByteSizeLong();
    if (bytes > bytes_limit) return;
    v1::SectionVersion& heartbeat = *request.add_versions();
    heartbeat = held.version;
    heartbeat.clear_facts();
  }
}

size_t OutboxIndex::waiting() const {
  return static_cast<size_t>(std::count_if(versions_.begin(), versions_.end(),
                                           [](const auto& held) { return held.second.waits(); }));
}

size_t OutboxIndex::bytes() const {
  return std::accumulate(versions_.begin(), versions_.end(), size_t{0},
                         [](size_t sum, const auto& held) { return sum + held.second.bytes; });
}

}  // namespace muster::agent
