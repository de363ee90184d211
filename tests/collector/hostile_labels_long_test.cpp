// A million of them, other ones.
#include <gtest/gtest.h>

#include "tests/collector/hostile_labels.h"

namespace muster::collector {
namespace {

class AMillionHostileLabels : public testing::TestWithParam<unsigned> {};

TEST_P(AMillionHostileLabels, AreReadByOthersAsTheyWereSaid) {
  expect_that_readers_find_what_was_said(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AMillionHostileLabels, testing::Range(2U, 12U));

}  // namespace
}  // namespace muster::collector
