// How many looks may be planned: so many a second in all and at one host, however often and for
// however many probes it is planned, and no more than these make (look_distance.h): others would
// wait for their turn until they fail. What was not planned is saved up for one window and no
// longer. Pure; one thread owns it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::agent {

class LookAllowance {
 public:
  // Numbers of at least 1.
  struct Rates {
    uint32_t per_second = 1;
    uint32_t per_host_per_second = 1;
    // One look is let in even if this is shorter than what its rate has it wait.
    Duration window{0};
  };

  explicit LookAllowance(const Rates& rates) : rates_(rates) {}
  // What was planned counts under other rates, too.
  void set(const Rates& rates) { rates_ = rates; }

  // Whether there is room for a look at some host.
  bool any(Duration now) const { return has_room(all_, rates_.per_second, now); }
  // False: a look at "192.0.2.7" has to wait. Else its room is taken.
  bool take(std::string_view host, Duration now);
  // What was planned will not be made, and is planned again.
  void forget();
  // Of how many it knows.
  size_t hosts() const { return hosts_.size(); }

 private:
  bool has_room(Duration booked, uint32_t per_second, Duration now) const;

  Rates rates_;
  // Up to where the rate is used, in uptime: a look moves it on by its share of a second.
  Duration all_{0};
  std::map<std::string, Duration, std::less<>> hosts_;
  // With so many, those whose rates nobody uses are looked for and forgotten.
  static constexpr size_t kManyHosts = 10'000;
  size_t forget_at_ = kManyHosts;
};

}  // namespace muster::agent
