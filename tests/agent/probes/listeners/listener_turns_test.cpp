// Who is asked next.
#include "agent/probes/listeners/listener_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::listeners {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Turn = ListenerTurns::Turn;

// Each ended before the next begins.
std::vector<size_t> order_of(std::vector<Turn> turns) {
  ListenerTurns all(std::move(turns));
  std::vector<size_t> order;
  while (const auto turn = all.take()) {
    order.push_back(turn->listener);
    all.end(*turn, false);
  }
  return order;
}

TEST(ListenerTurns, WhoHasWaitedLongestComesFirst) {
  EXPECT_THAT(order_of({{0, "a", 0}, {1, "b", 7}, {2, "c", 1}, {3, "d", 7}}),
              ElementsAre(1, 3, 2, 0));
}

TEST(ListenerTurns, EachGroupHasOneBeforeAnyHasTwo) {
  EXPECT_THAT(order_of({{0, "a"}, {1, "a"}, {2, "a"}, {3, "b"}, {4, "b"}, {5, "c"}}),
              ElementsAre(0, 3, 5, 1, 4, 2));
}

TEST(ListenerTurns, OneOfAGroupIsAskedAtATime) {
  ListenerTurns turns({{0, "a"}, {1, "a"}, {2, "b"}});
  const auto first = turns.take();
  const auto other = turns.take();
  ASSERT_TRUE(first && other);
  EXPECT_EQ(first->listener, 0U);
  EXPECT_EQ(other->listener, 2U);
  EXPECT_FALSE(turns.take());
  EXPECT_THAT(turns.left(), SizeIs(1));
  turns.end(*first, false);
  EXPECT_EQ(turns.take()->listener, 1U);
  EXPECT_THAT(turns.left(), IsEmpty());
}

TEST(ListenerTurns, WhoHasMoreQuestionsIsBehindAllThatWait) {
  ListenerTurns turns({{0, "a"}, {1, "b"}});
  const auto first = turns.take();
  turns.end(*first, true);
  EXPECT_EQ(turns.take()->listener, 1U);
  EXPECT_EQ(turns.take()->listener, 0U);
}

// Whatever comes new at each look, and however little time there is: all that were there before it
// have had their turn after as many looks as it takes to ask them once.
TEST(ListenerTurns, NoNumberOfNewSocketsKeepsAnotherFromItsTurn) {
  constexpr size_t kAskedInALook = 8;
  constexpr size_t kOthers = 40;
  uint32_t missed = 0;
  for (int look = 0; look < 100; ++look) {
    std::vector<Turn> turns;
    for (size_t i = 0; i < kOthers; ++i)
      turns.push_back({i, std::to_string(look) + "-" + std::to_string(i), 0});
    turns.push_back({kOthers, "nginx", missed});
    ListenerTurns all(turns);
    for (size_t i = 0; i < kAskedInALook; ++i) {
      if (all.take()->listener == kOthers) {
        EXPECT_LE(look, 1);
        return;
      }
    }
    ++missed;
  }
  FAIL() << "it never had its turn";
}

v1::ListeningSocket owned(const std::string& unit, const std::string& executable,
                          const std::string& program) {
  v1::ListeningSocket socket;
  socket.mutable_owner()->set_processes(1);
  socket.mutable_owner()->set_unit(unit);
  socket.mutable_owner()->set_executable(executable);
  socket.mutable_owner()->set_program(program);
  return socket;
}

TEST(ListenerTurns, AUnitIsOneGroupWhateverItsProcessesCallThemselves) {
  EXPECT_EQ(group_of(owned("session-3.scope", "/home/eve/a", "a")),
            group_of(owned("session-3.scope", "/home/eve/b", "b")));
  EXPECT_NE(group_of(owned("nginx.service", "/usr/sbin/nginx", "nginx")),
            group_of(owned("session-3.scope", "/usr/sbin/nginx", "nginx")));
  v1::ListeningSocket contained = owned("nginx.service", "/usr/sbin/nginx", "nginx");
  contained.mutable_owner()->set_container("shop");
  EXPECT_NE(group_of(contained), group_of(owned("nginx.service", "/usr/sbin/nginx", "nginx")));
  EXPECT_NE(group_of(owned("", "/usr/bin/a", "a")), group_of(owned("", "/usr/bin/b", "b")));
  // Of nobody who could be seen: each for itself.
  v1::ListeningSocket unseen;
  unseen.set_inode(1);
  v1::ListeningSocket other = unseen;
  other.set_inode(2);
  EXPECT_NE(group_of(unseen), group_of(other));
}

}  // namespace
}  // namespace muster::listeners
