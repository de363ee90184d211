// What the outbox knows of the versions it holds, in memory: their descriptions in order, and which
// is the newest of each (entity, probe). It knows nothing of files. One thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "muster/v1/reporting.pb.h"

namespace muster::agent {

// How a version's file stands.
enum class Saved {
  // There is none: the facts are in memory.
  kNo,
  // It holds the facts, but under a sequence of an older epoch.
  kStale,
  kYes,
};

struct HeldVersion {
  // Without facts, unless they are nowhere else.
  v1::SectionVersion version;
  // Size of its file.
  size_t bytes = 0;
  Saved saved = Saved::kNo;
  bool acknowledged = false;
  bool refused = false;
  // Whether a look of this process confirmed it.
  bool confirmed = false;

  bool waits() const { return !acknowledged && !refused; }
};

class OutboxIndex {
 public:
  // Entity and probe.
  using Key = std::pair<std::string, std::string>;
  // By the number of the file: oldest first.
  using Versions = std::map<uint64_t, HeldVersion>;

  static Key key_of(const v1::SectionVersion& version);

  Versions& versions() { return versions_; }
  const Versions& versions() const { return versions_; }
  // The number of the newest of each.
  const std::map<Key, uint64_t>& newest() const { return newest_; }

  // The number is above all others. It becomes the newest of its key.
  Versions::iterator add(uint64_t number, HeldVersion version);
  // Gives the next; where it was the newest, the one before it is the newest from here on.
  Versions::iterator erase(Versions::iterator version);

  // end() if there is none.
  Versions::iterator find_newest(const Key& key);
  Versions::iterator find(const Key& key, uint64_t sequence);
  bool is_newest(Versions::const_iterator version) const;

  // Sequences from 1 for each key; nothing is acknowledged, and every file is stale.
  void begin_anew();

  // Adds the newest versions that do not wait and were seen by this process, without facts, while
  // the request stays within `bytes_limit`.
  void add_heartbeats(v1::SyncRequest& request, size_t bytes_limit) const;

  size_t waiting() const;
  size_t bytes() const;

 private:
  Versions versions_;
  std::map<Key, uint64_t> newest_;
};

}  // namespace muster::agent
