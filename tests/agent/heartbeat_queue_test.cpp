#include "agent/outbox/heartbeat_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace muster::agent {
namespace {

using Taken = HeartbeatQueue::Taken;

class HeartbeatQueueTest : public ::testing::Test {
 protected:
  void add(const std::string& indices) {
    for (const char index : indices)
      queue_.add(keys_[static_cast<size_t>(index - 'a')]);
  }
  // A report with room for so many. Names those it carries, with a '+' if not all had room.
  std::string report(size_t room = 100, const std::string& not_needed = "") {
    std::string carried;
    const bool all = queue_.offer([&](const VersionKey& key) {
      if (not_needed.find(key.first) != std::string::npos) return Taken::kNotNeeded;
      if (carried.size() == room) return Taken::kNoRoom;
      carried += key.first;
      return Taken::kYes;
    });
    return all ? carried : carried + "+";
  }

  std::array<VersionKey, 5> keys_{{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}}};
  HeartbeatQueue queue_;
};

TEST_F(HeartbeatQueueTest, GivesEachOnceInTheOrderOfTheirLooks) {
  add("bca");
  EXPECT_EQ(report(), "bca");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(), "");
  EXPECT_FALSE(queue_.answered());
}

TEST_F(HeartbeatQueueTest, GivesThemAgainWhenNoAnswerCame) {
  add("ab");
  EXPECT_EQ(report(), "ab");
  add("c");
  EXPECT_EQ(report(), "abc");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(), "");
}

TEST_F(HeartbeatQueueTest, NoneStarvesWhereNotAllHaveRoom) {
  add("abcde");
  EXPECT_EQ(report(2), "ab+");
  add("ab");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(2), "cd+");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(2), "ea+");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(2), "b");
}

TEST_F(HeartbeatQueueTest, ALookBetweenReportAndAnswerIsDueAgain) {
  add("ab");
  EXPECT_EQ(report(), "ab");
  add("a");
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(), "a");
}

TEST_F(HeartbeatQueueTest, ForgetsWhatIsRemovedOrNotNeeded) {
  add("abc");
  EXPECT_EQ(report(100, "b"), "ac");
  queue_.remove(keys_[0]);
  EXPECT_TRUE(queue_.answered());
  EXPECT_EQ(report(), "");
  add("d");
  EXPECT_EQ(report(), "d");
  queue_.remove(keys_[3]);
  queue_.remove(keys_[3]);
  EXPECT_FALSE(queue_.answered()) << "what it carried is gone";
  EXPECT_EQ(report(), "");
}

}  // namespace
}  // namespace muster::agent
