// Whether the reader that judges our OpenMetrics can be trusted: the reference corpus of good and
// bad texts. It is not part of the repository; it lies in $MUSTER_CORPUS/openmetrics, or beside the
// checkout in shared/corpus/openmetrics.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/common/exposition/run_command.h"

namespace muster::exposition {
namespace {

namespace fs = std::filesystem;

TEST(OpenMetricsCorpus, IsJudgedRightly) {
  const char* configured = std::getenv("MUSTER_CORPUS");
  const fs::path corpus =
      (configured != nullptr ? fs::path(configured)
                             : fs::path(MUSTER_SOURCE_DIRECTORY) / ".." / "shared" / "corpus") /
      "openmetrics";
  if (!fs::exists(corpus)) {
    // A corpus that was asked for and is not there is a mistake; one beside the checkout is a gift.
    ASSERT_EQ(configured, nullptr) << "MUSTER_CORPUS has no openmetrics";
    std::printf("openmetrics corpus: the score was not taken, there is no %s\n", corpus.c_str());
    return;
  }
  const test::Ended ended = test::run_command("/usr/bin/python3 -B " MUSTER_SOURCE_DIRECTORY
                                              "/tests/common/exposition/openmetrics_corpus.py '" +
                                              corpus.string() + "'");
  std::printf("%s", ended.output.c_str());
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(
      ended.output.starts_with("openmetrics corpus: 44/44 good accepted, 167/167 bad refused\n"));
}

}  // namespace
}  // namespace muster::exposition
