#include "collector/http/response_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::collector::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What has an address in memory, for connections and bodies.
constexpr char kThings[16] = {};
constexpr const void* kFirst = &kThings[0];
constexpr const void* kSecond = &kThings[1];
constexpr const void* kThird = &kThings[2];
constexpr const void* kFourth = &kThings[3];
constexpr const void* kBody = &kThings[8];
constexpr const void* kOther = &kThings[9];
constexpr const void* kNew = &kThings[10];

TEST(ResponseMemory, CountsABodyOnceHoweverManySendIt) {
  ResponseMemory memory(100);
  EXPECT_THAT(memory.hold(kFirst, "a", kBody, 60), IsEmpty());
  EXPECT_THAT(memory.hold(kSecond, "a", kBody, 60), IsEmpty());
  EXPECT_THAT(memory.hold(kThird, "b", kBody, 60), IsEmpty());
  EXPECT_EQ(memory.bytes(), 60u);
  memory.release(kFirst);
  memory.release(kSecond);
  EXPECT_EQ(memory.bytes(), 60u);
  memory.release(kThird);
  memory.release(kThird);
  EXPECT_EQ(memory.bytes(), 0u);
}

TEST(ResponseMemory, ClosesTheSlowestOfTheGreediestAddress) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "modest", kBody, 30);
  memory.hold(kSecond, "greedy", kOther, 35);
  memory.hold(kThird, "greedy", kNew, 25);
  EXPECT_THAT(memory.hold(kFourth, "new", &kThings[11], 30), ElementsAre(kSecond));
  EXPECT_EQ(memory.bytes(), 85u);
}

TEST(ResponseMemory, ClosesAllWhoHoldABodyBeforeItIsFree) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "a", kBody, 30);
  memory.hold(kSecond, "b", kBody, 30);
  memory.hold(kThird, "c", kOther, 30);
  EXPECT_THAT(memory.hold(kFourth, "c", kNew, 30), IsEmpty());
  EXPECT_THAT(memory.hold(&kThings[4], "d", &kThings[11], 30), ElementsAre(kThird));
  EXPECT_EQ(memory.bytes(), 90u);
}

TEST(ResponseMemory, LetsThreeBodiesBeLargerThanTheBound) {
  ResponseMemory memory(100);
  EXPECT_THAT(memory.hold(kFirst, "a", kBody, 1000), IsEmpty());
  EXPECT_THAT(memory.hold(kSecond, "a", kOther, 1000), IsEmpty());
  EXPECT_THAT(memory.hold(kThird, "a", kNew, 1000), IsEmpty());
  EXPECT_THAT(memory.hold(kFourth, "a", &kThings[11], 1000), ElementsAre(kFirst));
  EXPECT_EQ(memory.bytes(), 3000u);
  memory.release(kSecond);
  memory.release(kThird);
  memory.release(kFourth);
  EXPECT_THAT(memory.hold(kFirst, "a", kBody, 30), IsEmpty());
  EXPECT_THAT(memory.hold(kSecond, "a", kOther, 30), IsEmpty());
  EXPECT_THAT(memory.hold(kThird, "a", kNew, 30), IsEmpty());
  EXPECT_THAT(memory.hold(kFourth, "a", &kThings[11], 30), ElementsAre(kFirst))
      << "the bound is as it was";
}

TEST(ResponseMemory, TakesTheCompressedBodyInPlaceOfTheText) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "a", kBody, 90);
  EXPECT_THAT(memory.hold(kFirst, "a", kOther, 10), IsEmpty());
  EXPECT_EQ(memory.bytes(), 10u);
}

}  // namespace
}  // namespace muster::collector::http
