#include "collector/targets/rendezvous.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace muster::collector {
namespace {

constexpr size_t kTargets = 100'000;

constexpr auto kNone = [](size_t) { return false; };

std::vector<Candidate> agents(size_t count) {
  std::vector<Candidate> agents;
  for (size_t number = 0; number < count; ++number)
    agents.push_back({.hash = rendezvous_hash("monitor" + std::to_string(number))});
  return agents;
}

// Of each target, the candidate's number.
std::vector<size_t> shares_of(const std::vector<Candidate>& candidates) {
  std::vector<size_t> chosen;
  for (size_t number = 0; number < kTargets; ++number) {
    const uint64_t target = rendezvous_hash("www" + std::to_string(number) + ".example.org:443");
    chosen.push_back(choose(target, 0, candidates, kNone, kNone).value());
  }
  return chosen;
}

size_t count_of(const std::vector<size_t>& chosen, size_t candidate) {
  return static_cast<size_t>(std::count(chosen.begin(), chosen.end(), candidate));
}

TEST(Rendezvous, GivesEachOfTheSameWeightTheSameShare) {
  const std::vector<size_t> chosen = shares_of(agents(10));
  for (size_t number = 0; number < 10; ++number)
    EXPECT_NEAR(static_cast<double>(count_of(chosen, number)), 10'000, 400) << number;
}

TEST(Rendezvous, GivesSharesByWeight) {
  std::vector<Candidate> candidates = agents(4);
  const std::vector<double> weights = {1, 2, 3, 100};
  for (size_t number = 0; number < weights.size(); ++number)
    candidates[number].weight = weights[number];
  const std::vector<size_t> chosen = shares_of(candidates);
  for (size_t number = 0; number < weights.size(); ++number) {
    const double expected = static_cast<double>(kTargets) * weights[number] / 106;
    EXPECT_NEAR(static_cast<double>(count_of(chosen, number)), expected, 0.05 * expected + 30)
        << number;
  }
}

TEST(Rendezvous, MovesOnlyTheShareOfTheAgentThatCameOrWent) {
  const std::vector<size_t> before = shares_of(agents(10));
  const std::vector<size_t> after = shares_of(agents(11));
  for (size_t target = 0; target < kTargets; ++target) {
    if (after[target] != before[target]) {
      ASSERT_EQ(after[target], 10u) << target;
    }
  }
  EXPECT_NEAR(static_cast<double>(count_of(after, 10)), kTargets / 11.0, 400);
}

TEST(Rendezvous, MovesOnlyWhatAnAgentGainsByMoreWeight) {
  std::vector<Candidate> candidates = agents(5);
  const std::vector<size_t> before = shares_of(candidates);
  candidates[3].weight = 2;
  const std::vector<size_t> after = shares_of(candidates);
  for (size_t target = 0; target < kTargets; ++target) {
    if (after[target] != before[target]) {
      ASSERT_EQ(after[target], 3u) << target;
    }
  }
}

TEST(Rendezvous, IsTheSameOnEveryMachine) {
  // As another implementation of the same, in Python, has it.
  EXPECT_EQ(rendezvous_hash("monitor1"), 6063697420711846719u);
  const std::vector<size_t> chosen = shares_of(agents(7));
  EXPECT_EQ(std::vector<size_t>(chosen.begin(), chosen.begin() + 8),
            (std::vector<size_t>{0, 4, 2, 2, 6, 0, 3, 2}));
}

TEST(Rendezvous, KeepsATargetWithinItsSiteWhileAnAgentIsThere) {
  std::vector<Candidate> candidates = agents(6);
  candidates[2].site = candidates[4].site = 7;
  candidates[5].site = 8;
  for (uint64_t target = 0; target < 1'000; ++target) {
    const size_t chosen = choose(target * 77, 7, candidates, kNone, kNone).value();
    EXPECT_TRUE(chosen == 2 || chosen == 4) << chosen;
  }
  // Of a site where nobody is: any of them.
  std::vector<size_t> counts(6);
  for (uint64_t target = 0; target < 1'000; ++target)
    ++counts[choose(target * 77, 9, candidates, kNone, kNone).value()];
  for (const size_t count : counts)
    EXPECT_GT(count, 100u);
}

TEST(Rendezvous, AvoidsWhomItIsToldToWhileThereIsAnother) {
  std::vector<Candidate> candidates = agents(3);
  candidates[0].site = 7;
  const auto avoid_first = [](size_t number) { return number == 0; };
  const auto avoid_all = [](size_t) { return true; };
  for (uint64_t target = 0; target < 100; ++target) {
    EXPECT_NE(choose(target * 77, 7, candidates, avoid_first, kNone), 0u);
    EXPECT_EQ(choose(target * 77, 7, candidates, avoid_all, kNone), 0u);
    EXPECT_NE(choose(target * 77, 7, candidates, kNone, avoid_first), 0u);
  }
  EXPECT_FALSE(choose(1, 0, candidates, kNone, avoid_all).has_value());
  EXPECT_FALSE(choose(1, 0, {}, kNone, kNone).has_value());
}

}  // namespace
}  // namespace muster::collector
