// Whose heartbeats are due: the targets that a look confirmed since the last report that was
// answered. Who waits longest is first, so that none starves where not all have room. What a report
// carried stays due until its answer came. One thread owns it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "agent/outbox/held_version.h"

namespace muster::agent {

class HeartbeatQueue {
 public:
  enum class Taken { kYes, kNotNeeded, kNoRoom };

  // A look confirmed it. The key outlives its place here.
  void add(const VersionKey& key);
  void remove(const VersionKey& key);

  // Offers each to `take` for one report, until there is no room. Whether there was room for all.
  bool offer(const std::function<Taken(const VersionKey&)>& take);
  // The report of the last offer was answered. Whether it carried any.
  bool answered();

 private:
  struct Place {
    const VersionKey* key = nullptr;
    // Whether a look confirmed it after it was offered.
    bool seen_again = false;
  };

  // By the order of arrival.
  std::map<uint64_t, Place> places_;
  std::map<const VersionKey*, uint64_t> place_of_;
  uint64_t last_place_ = 0;
  // Places that the last report carried.
  std::vector<uint64_t> carried_;
};

}  // namespace muster::agent
