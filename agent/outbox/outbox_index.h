// What the outbox knows of the versions it holds, in memory: their descriptions in order, which is
// the newest of each (entity, probe), and which wait, are not saved or not needed, so that nothing
// that happens at every look or report walks over all. It knows nothing of files. One thread owns
// it.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "agent/outbox/heartbeat_queue.h"
#include "agent/outbox/held_version.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

class OutboxIndex {
 public:
  using Iterator = Versions::iterator;

  static VersionKey key_of(const v1::SectionVersion& version);

  const Versions& versions() const { return versions_; }
  const Keys& keys() const { return keys_; }
  Iterator end() { return versions_.end(); }
  Iterator at(uint64_t number) { return versions_.find(number); }

  // The number is above all others. It becomes the newest of its key.
  Iterator add(uint64_t number, HeldVersion version);
  // Where it was the newest, the one before it is the newest from here on.
  void erase(Iterator version);
  // Calls `change` with the version: how else what is told of it here stays true?
  template <typename Change>
  void change(Iterator version, const Change& change) {
    leave(version);
    change(version->second);
    enter(version);
  }

  // end() if there is none.
  Iterator find_newest(const VersionKey& key);
  Iterator find(const VersionKey& key, uint64_t sequence);
  // The one of the same key before it; end() if there is none.
  Iterator before(Iterator version);
  const HeldVersion& newest_of(const KeyState& state) const;
  static bool is_newest(Versions::const_iterator version);

  // Sequences from 1 for each key of the host, the number for those of targets; nothing is
  // acknowledged, and every file is stale.
  void begin_anew();

  // A look of this process confirmed it.
  void confirm(Iterator newest);
  HeartbeatQueue& heartbeats() { return heartbeats_; }
  // Newest versions that do not wait and were seen by this process, without facts, while the
  // request has room: those of the host, at every report, and those of targets that are due. `more`
  // if some of the latter have none.
  void add_heartbeats(v1::SyncRequest& request, size_t bytes_limit, int versions_limit);
  // How many the first are at most.
  int most_host_heartbeats() const;

  // By number.
  const std::set<uint64_t>& waiting() const { return waiting_; }
  // Those whose file is not as it must be.
  const std::set<uint64_t>& unsaved() const { return unsaved_; }
  // Not the newest of their key; of those, the ones that do not wait.
  const std::set<uint64_t>& superseded() const { return superseded_; }
  const std::set<uint64_t>& settled() const { return settled_; }
  // Of all files.
  size_t bytes() const { return bytes_; }

 private:
  void enter(Versions::const_iterator version);
  void leave(Versions::const_iterator version);

  Keys keys_;
  Versions versions_;
  HeartbeatQueue heartbeats_;
  std::set<uint64_t> waiting_;
  std::set<uint64_t> unsaved_;
  std::set<uint64_t> superseded_;
  std::set<uint64_t> settled_;
  size_t bytes_ = 0;
};

}  // namespace muster::agent
