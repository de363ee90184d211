#include "collector/identity/host_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace muster::collector {
namespace {

using testing::ElementsAre;

TEST(HostTurns, LetOneAfterTheOtherInTheOrderInWhichTheyCame) {
  HostTurns turns;
  std::vector<int> began;
  HostTurns::Turn held;
  const auto take = [&](int number) {
    return turns.take("web1", [&, number](HostTurns::Turn turn) {
      began.push_back(number);
      if (number == 1) held = std::move(turn);
    });
  };
  ASSERT_TRUE(take(1).ok());
  ASSERT_TRUE(take(2).ok());
  ASSERT_TRUE(take(3).ok());
  EXPECT_THAT(began, ElementsAre(1));
  held.reset();
  EXPECT_THAT(began, ElementsAre(1, 2, 3));
  ASSERT_TRUE(take(4).ok());
  EXPECT_THAT(began, ElementsAre(1, 2, 3, 4));
}

TEST(HostTurns, OfOneHostDoNotKeepAnotherWaiting) {
  HostTurns turns;
  HostTurns::Turn held;
  ASSERT_TRUE(turns.take("web1", [&](HostTurns::Turn turn) { held = std::move(turn); }).ok());
  bool began = false;
  ASSERT_TRUE(turns.take("web2", [&](const HostTurns::Turn&) { began = true; }).ok());
  EXPECT_TRUE(began);
}

TEST(HostTurns, RefuseWhoeverComesWhenTooManyWait) {
  HostTurns turns(2);
  HostTurns::Turn held;
  int began = 0;
  const auto count = [&began](const HostTurns::Turn&) { ++began; };
  ASSERT_TRUE(turns.take("web1", [&](HostTurns::Turn turn) { held = std::move(turn); }).ok());
  ASSERT_TRUE(turns.take("web1", count).ok());
  ASSERT_TRUE(turns.take("web1", count).ok());
  EXPECT_TRUE(absl::IsUnavailable(turns.take("web1", count)));
  held.reset();
  EXPECT_EQ(began, 2);
  EXPECT_TRUE(turns.take("web1", count).ok());
  EXPECT_EQ(began, 3);
}

TEST(HostTurns, OfManyThreadsNeverMeet) {
  HostTurns turns(1'000);
  std::atomic<int> inside = 0;
  std::atomic<int> met = 0;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 250; ++i) {
        EXPECT_TRUE(turns
                        .take("web1",
                              [&](const HostTurns::Turn&) {
                                if (++inside != 1) ++met;
                                ++done;
                                --inside;
                              })
                        .ok());
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(met, 0);
  EXPECT_EQ(done, 1'000);
}

}  // namespace
}  // namespace muster::collector
