// The same as at the end of lease_model_test, in many more worlds.
#include <gtest/gtest.h>

#include "tests/collector/targets/lease_chaos.h"

namespace muster::collector::test {
namespace {

TEST(LeaseModelLong, NeverDoTwoLookAtOneTargetAndNoneIsForgotten) {
  for (uint64_t seed = 1'000; seed < 3'000; ++seed)
    ASSERT_EQ(live_through(seed, std::chrono::minutes(3)), "") << seed;
}

TEST(LeaseModelLong, NorWithLeasesOfADay) {
  for (uint64_t seed = 1'000; seed < 1'300; ++seed)
    ASSERT_EQ(live_through(seed, std::chrono::hours(24)), "") << seed;
}

}  // namespace
}  // namespace muster::collector::test
