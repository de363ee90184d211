// Whose turn it is to dial: attempts that wait are let go in the order in which they came, so many
// in any second in all, so many in any second to one IP address, and so many at once. One that
// waits for its address holds up no other. Times are the clock's uptime. Pure; one thread owns it.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/probes/network/shared_pace.h"
#include "common/clock.h"

namespace muster::network_probe {

// Each number at least 1.
struct Pace {
  size_t per_second = 100;
  size_t per_address_per_second = 5;
  size_t at_once = 512;
  // A look that waits longer than this for its turns is not made: more is asked for than the rates
  // let, and somebody should know.
  Duration longest_delay = std::chrono::seconds(15);
  // Where other runs keep the same rates; null: there are none. It outlives the queue.
  SharedPace* shared = nullptr;
};

class PaceQueue {
 public:
  using Id = uint64_t;

  explicit PaceQueue(const Pace& pace) : pace_(pace), all_(pace.per_second) {}

  // An attempt that wants to dial `address`. Ids are the caller's, each used once.
  void add(Id id, const boost::asio::ip::address& address, Duration now);
  // It does not wait any more.
  void remove(Id id) { waiting_.erase(id); }
  // An attempt that may dial now, and counts as under way from now on.
  std::optional<Id> take(Duration now);
  // One that was under way has ended.
  void ended() { --under_way_; }
  // When `take` may have one, if nothing changes; unset if nobody waits or too many are under way.
  std::optional<Duration> next_turn() const;

 private:
  // At most so many in any second.
  class Rate {
   public:
    explicit Rate(size_t most) : most_(most) {}
    Duration earliest() const;
    void take(Duration now);

   private:
    size_t most_;
    // The last ones, at most `most_`; then the oldest is the next to be written over. Of a thousand
    // addresses most are dialled once: a deque takes 576 bytes for its first.
    std::vector<Duration> taken_;
    size_t oldest_ = 0;
  };
  struct Waiting {
    Id id;
    Duration since;
  };
  // Kept for the run: a batch is bounded, so are its addresses.
  struct PerAddress {
    explicit PerAddress(size_t most) : rate(most) {}
    Rate rate;
    std::list<Waiting> queue;
    // Since others have dialled it.
    Duration not_before{0};
  };

  static Duration turn_of(const PerAddress& address);
  // Whether the other runs let it; else it is known from when on they do.
  bool share(const boost::asio::ip::address& address, PerAddress& entry, Duration now);

  Pace pace_;
  Rate all_;
  // Since others have dialled.
  Duration not_before_{0};
  size_t under_way_ = 0;
  std::set<Id> waiting_;
  std::map<boost::asio::ip::address, PerAddress> addresses_;
  // Those somebody waits for, by whose turn is next.
  std::set<std::pair<Duration, boost::asio::ip::address>> turns_;
};

}  // namespace muster::network_probe
