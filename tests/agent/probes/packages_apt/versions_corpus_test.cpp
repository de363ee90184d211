#include "tests/agent/probes/versions_corpus.h"

#include <gtest/gtest.h>

#include "agent/probes/packages_apt/version_order.h"

namespace muster::packages_apt {
namespace {

TEST(DebVersionsCorpus, IsOrderedAsItSays) {
  test::expect_order_of_corpus("deb", &compare_versions);
}

TEST(VersionOrder, IsDpkgs) {
  EXPECT_LT(compare_versions("1.0~rc1", "1.0"), 0);
  EXPECT_EQ(compare_versions("0:1.0", "1.0"), 0);
  EXPECT_GT(compare_versions("1:0.1", "9.9"), 0);
  EXPECT_LT(compare_versions("6.1.0-9", "6.1.0-28"), 0);
  EXPECT_EQ(compare_versions("", ""), 0);
}

}  // namespace
}  // namespace muster::packages_apt
