#include "tests/collector/hostile_labels.h"

#include <gtest/gtest.h>

namespace muster::collector {
namespace {

TEST(HostileLabels, AreReadByOthersAsTheyWereSaid) {
  expect_that_readers_find_what_was_said(1);
}

}  // namespace
}  // namespace muster::collector
