// A clock to hold in the hand.
#pragma once

#include "common/clock.h"

namespace muster::test {

class FakeClock : public Clock {
 public:
  TimePoint now() const override { return now_; }
  Duration uptime() const override { return now_.time_since_epoch(); }
  void advance(Duration duration) { now_ += duration; }

 private:
  TimePoint now_{std::chrono::seconds(1'800'000'000)};
};

}  // namespace muster::test
