#include "common/policy/status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "common/policy/evaluation.h"

namespace muster::policy {
namespace {

TEST(Status, IsWorseInTheOrderOfTheDesign) {
  const std::vector<v1::Status> order{v1::STATUS_NOT_APPLICABLE, v1::STATUS_PASS,
                                      v1::STATUS_WAIVED,         v1::STATUS_DUE,
                                      v1::STATUS_UNKNOWN,        v1::STATUS_FAIL};
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(worse(order[i], order[j]), order[std::max(i, j)]);
    }
  }
  // Of a newer collector: never good.
  EXPECT_EQ(worse(static_cast<v1::Status>(99), v1::STATUS_DUE), static_cast<v1::Status>(99));
  EXPECT_EQ(status_name(static_cast<v1::Status>(99)), "unknown");
  EXPECT_EQ(worst_of(std::span<const Standing>{}), v1::STATUS_NOT_APPLICABLE);
}

}  // namespace
}  // namespace muster::policy
