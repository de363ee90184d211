#include "tests/agent/probes/versions_corpus.h"

#include <gtest/gtest.h>

#include "agent/probes/packages_rpm/evr_order.h"

namespace muster::packages_rpm {
namespace {

TEST(RpmVersionsCorpus, IsOrderedAsItSays) {
  test::expect_order_of_corpus("rpm", &compare_evr);
}

TEST(EvrOrder, ComparesEpochThenVersionThenRelease) {
  EXPECT_LT(compare_evr("1.0-1", "1.0-2"), 0);
  EXPECT_GT(compare_evr("1:0.9-1", "2.0-1"), 0);
  EXPECT_EQ(compare_evr("0:1.0-1", "1.0-1"), 0);
  EXPECT_LT(compare_evr("1.0~rc1-1", "1.0-1"), 0);
  EXPECT_GT(compare_evr("1.0^git1-1", "1.0-1"), 0);
  EXPECT_LT(compare_evr("1.0", "1.0-7"), 0);
  EXPECT_LT(compare_evr("5.14.0-70.13.1.el9_0", "5.14.0-70.22.1.el9_0"), 0);
}

}  // namespace
}  // namespace muster::packages_rpm
