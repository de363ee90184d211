#include "agent/targets/look_allowance.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

// How many looks there is room for at once.
int take_all(LookAllowance& allowance, Duration now, const std::string& host = "192.0.2.7") {
  int taken = 0;
  while (taken < 1'000'000 && allowance.take(host, now))
    ++taken;
  return taken;
}

TEST(LookAllowance, GivesWhatOneWindowHoldsAndThenTheRateHoweverOftenItIsAsked) {
  LookAllowance allowance({.per_second = 20, .per_host_per_second = 1000, .window = 10s});
  EXPECT_EQ(take_all(allowance, 100s), 190);
  EXPECT_FALSE(allowance.any(100s));
  int taken = 0;
  for (Duration now = 100s; now < 160s; now += 100ms)
    taken += take_all(allowance, now);
  EXPECT_NEAR(taken, 60 * 19, 5) << "a twentieth less, as the probes make them";
}

TEST(LookAllowance, RestSavesUpOneWindowAndNoMore) {
  LookAllowance allowance({.per_second = 20, .per_host_per_second = 1000, .window = 10s});
  EXPECT_EQ(take_all(allowance, 100s), 190);
  EXPECT_EQ(take_all(allowance, 24h), 190);
}

TEST(LookAllowance, OneHostWaitsWithoutHoldingUpAnotherOrUsingWhatAllHave) {
  LookAllowance allowance({.per_second = 5, .per_host_per_second = 2, .window = 1050ms});
  EXPECT_EQ(take_all(allowance, 100s, "192.0.2.7"), 2);
  EXPECT_TRUE(allowance.any(100s));
  EXPECT_EQ(take_all(allowance, 100s, "192.0.2.8"), 2);
  EXPECT_EQ(take_all(allowance, 100s, "192.0.2.9"), 1);
  EXPECT_EQ(take_all(allowance, 101050ms, "192.0.2.7"), 2);
}

TEST(LookAllowance, ARateThatIsSlowerThanTheWindowStillLetsOneIn) {
  LookAllowance allowance({.per_second = 1, .per_host_per_second = 1, .window = 10ms});
  EXPECT_EQ(take_all(allowance, 100s), 1);
  EXPECT_EQ(take_all(allowance, 101s), 0);
  EXPECT_EQ(take_all(allowance, 101050ms), 1);
}

TEST(LookAllowance, OtherRatesDoNotForgetWhatWasPlanned) {
  LookAllowance allowance({.per_second = 100, .per_host_per_second = 1000, .window = 10s});
  EXPECT_EQ(take_all(allowance, 100s), 952);
  allowance.set({.per_second = 100, .per_host_per_second = 1000, .window = 10s});
  EXPECT_EQ(take_all(allowance, 100s), 0);
  allowance.set({.per_second = 1000, .per_host_per_second = 1000, .window = 10s});
  EXPECT_LT(take_all(allowance, 100s), 10) << "but for what rounding leaves";
  EXPECT_GT(take_all(allowance, 101s), 900);
}

TEST(LookAllowance, WhatWillNotBeMadeTakesNoRoom) {
  LookAllowance allowance({.per_second = 20, .per_host_per_second = 10, .window = 10s});
  EXPECT_EQ(take_all(allowance, 100s), 95);
  allowance.forget();
  EXPECT_EQ(take_all(allowance, 100s), 95);
}

TEST(LookAllowance, HostsAreForgottenOnceTheirRatesAreUnused) {
  LookAllowance allowance({.per_second = 1'000'000, .per_host_per_second = 1, .window = 1s});
  for (int i = 0; i < 20'000; ++i)
    EXPECT_TRUE(allowance.take(fmt::format("host{}", i), 100s));
  EXPECT_FALSE(allowance.take("host7", 100s)) << "those whose rates are used are not";
  EXPECT_TRUE(allowance.take("another", 102s));
  EXPECT_LE(allowance.hosts(), 1U);
}

}  // namespace
}  // namespace muster::agent
