#include "agent/probes/network/pace_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<PaceQueue::Id> take_all(PaceQueue& queue, Duration now) {
  std::vector<PaceQueue::Id> taken;
  while (const auto id = queue.take(now))
    taken.push_back(*id);
  return taken;
}

TEST(PaceQueue, LetsAttemptsGoInTheirOrder) {
  PaceQueue queue({.per_second = 10, .per_address_per_second = 10, .at_once = 10});
  queue.add(1, make_address("192.0.2.9"), 5s);
  queue.add(2, make_address("192.0.2.1"), 6s);
  EXPECT_THAT(take_all(queue, 6s), ElementsAre(1, 2));
  EXPECT_FALSE(queue.next_turn().has_value());
}

TEST(PaceQueue, LetsSoManyGoInAnySecond) {
  PaceQueue queue({.per_second = 3, .per_address_per_second = 100, .at_once = 100});
  for (PaceQueue::Id id = 0; id < 7; ++id)
    queue.add(id, make_address("192.0.2.1"), 10s);
  EXPECT_THAT(take_all(queue, 10s), ElementsAre(0, 1, 2));
  EXPECT_EQ(queue.next_turn(), 11s);
  EXPECT_THAT(take_all(queue, 10999ms), IsEmpty());
  EXPECT_THAT(take_all(queue, 11s), ElementsAre(3, 4, 5));
  // Rest saves nothing up.
  EXPECT_THAT(take_all(queue, 60s), ElementsAre(6));
}

TEST(PaceQueue, OneAddressWaitsWithoutHoldingUpAnother) {
  PaceQueue queue({.per_second = 100, .per_address_per_second = 2, .at_once = 100});
  for (PaceQueue::Id id = 0; id < 5; ++id)
    queue.add(id, make_address("192.0.2.1"), 10s);
  queue.add(7, make_address("192.0.2.2"), 10s);
  EXPECT_THAT(take_all(queue, 10s), ElementsAre(0, 1, 7));
  EXPECT_EQ(queue.next_turn(), 11s);
  EXPECT_THAT(take_all(queue, 11s), ElementsAre(2, 3));
  EXPECT_THAT(take_all(queue, 12s), ElementsAre(4));
}

TEST(PaceQueue, LetsNoMoreGoThanMayBeUnderWay) {
  PaceQueue queue({.per_second = 100, .per_address_per_second = 100, .at_once = 2});
  for (PaceQueue::Id id = 0; id < 3; ++id)
    queue.add(id, make_address("192.0.2.1"), 10s);
  EXPECT_THAT(take_all(queue, 10s), ElementsAre(0, 1));
  // Nothing but the end of one changes that.
  EXPECT_FALSE(queue.next_turn().has_value());
  EXPECT_THAT(take_all(queue, 60s), IsEmpty());
  queue.ended();
  EXPECT_EQ(queue.next_turn(), 10s);
  EXPECT_THAT(take_all(queue, 60s), ElementsAre(2));
}

TEST(PaceQueue, WhoeverGaveUpTakesNoTurn) {
  PaceQueue queue({.per_second = 1, .per_address_per_second = 1, .at_once = 1});
  queue.add(1, make_address("192.0.2.1"), 10s);
  queue.add(2, make_address("192.0.2.1"), 10s);
  queue.remove(1);
  EXPECT_EQ(queue.take(10s), 2u);
}

TEST(PaceQueue, AnIpv6AddressIsAnAddressOfItsOwn) {
  PaceQueue queue({.per_second = 100, .per_address_per_second = 1, .at_once = 100});
  queue.add(1, make_address("2001:db8::1"), 10s);
  queue.add(2, make_address("2001:db8::2"), 10s);
  queue.add(3, make_address("2001:db8::1"), 10s);
  EXPECT_THAT(take_all(queue, 10s), ElementsAre(1, 2));
}

// Over random arrivals: no second, wherever it begins, has more than its rate, in all or of an
// address; each attempt gets its turn; and nobody waits while next_turn() is past.
TEST(PaceQueue, HoldsItsRatesWhateverComes) {
  std::mt19937 random(20261122);
  const Pace pace{.per_second = 20, .per_address_per_second = 3, .at_once = 1000};
  PaceQueue queue(pace);
  std::vector<boost::asio::ip::address> of_id;
  std::vector<Duration> all;
  std::map<boost::asio::ip::address, std::vector<Duration>> by_address;
  Duration now = 100s;
  const auto take = [&] {
    while (const auto id = queue.take(now)) {
      queue.ended();
      all.push_back(now);
      by_address[of_id.at(*id)].push_back(now);
    }
  };
  for (int step = 0; step < 3000; ++step) {
    now += std::chrono::milliseconds(random() % 20);
    if (step % 2 == 0) {
      of_id.push_back(boost::asio::ip::address_v4(0xc0000200 + random() % 12));
      queue.add(of_id.size() - 1, of_id.back(), now);
    }
    take();
  }
  while (const auto next = queue.next_turn()) {
    ASSERT_GT(*next, now);
    now = *next;
    take();
  }
  ASSERT_EQ(all.size(), of_id.size());
  const auto holds = [](const std::vector<Duration>& times, size_t most) {
    for (size_t i = most; i < times.size(); ++i) {
      if (times[i] - times[i - most] < 1s) return false;
    }
    return true;
  };
  EXPECT_TRUE(holds(all, pace.per_second));
  for (const auto& [address, times] : by_address)
    EXPECT_TRUE(holds(times, pace.per_address_per_second)) << address.to_string();
}

}  // namespace
}  // namespace muster::network_probe
