// When something may be tried again, by the machine's steady clock: an operator who sets the time
// of day neither holds up a try nor brings a thousand forward.
#pragma once

#include <chrono>

#include "agent/sync/backoff.h"

namespace muster::agent {

class Retry {
 public:
  // One more try that did not settle things: waits longer each time, as backoff.h says.
  void put_off(double random) {
    delay_ = backoff_delay(++tries_, random);
    next_ = std::chrono::steady_clock::now() + delay_;
  }
  // Settled: the next is free at once, and begins anew.
  void settle() { *this = Retry(); }

  bool is_due() const { return std::chrono::steady_clock::now() >= next_; }
  std::chrono::steady_clock::time_point next() const { return next_; }
  Duration delay() const { return delay_; }

 private:
  unsigned tries_ = 0;
  Duration delay_{0};
  std::chrono::steady_clock::time_point next_;
};

}  // namespace muster::agent
