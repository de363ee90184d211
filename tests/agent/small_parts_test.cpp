#include <gtest/gtest.h>

#include "agent/looking/probe_list.h"
#include "agent/sync/backoff.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToFiveMinutesAndIsAPartOfItAtRandom) {
  const struct {
    unsigned failures;
    double random;
    Duration delay;
  } cases[] = {
      {1, 0.5, 500ms},
      {2, 0.5, 1s},
      {3, 0.5, 2s},
      {9, 0.5, 128s},
      {10, 0.5, 150s},
      {11, 0.5, 150s},
      {4'000'000'000, 0.5, 150s},
      {1, 0.0, 200ms},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(backoff_delay(test.failures, test.random), test.delay) << test.failures;
  }
}

TEST(Backoff, JitterIsATenthInEitherDirection) {
  EXPECT_EQ(with_jitter(60s, 0.0), 54s);
  EXPECT_EQ(with_jitter(60s, 0.5), 60s);
  EXPECT_LE(with_jitter(60s, 0.999), 66s);
}

TEST(ProbeList, NamesEveryProgramAfterItsProbe) {
  for (const ProbeRow& row : all_probes()) {
    EXPECT_EQ(row.program, "muster-probe-" + std::string(row.name));
    EXPECT_TRUE(looks_at_targets(row) || row.timeout < row.interval) << row.name;
    for (const ProbeInput& input : row.inputs)
      EXPECT_TRUE(input.path.starts_with('/')) << input.path;
  }
}

}  // namespace
}  // namespace muster::agent
