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
  memory.hold(kSecond, "greedy", kOther, 40);
  memory.hold(kThird, "greedy", kNew, 20);
  EXPECT_THAT(memory.hold(kFourth, "new", &kThings[11], 30), ElementsAre(kSecond));
  EXPECT_EQ(memory.bytes(), 80u);
}

TEST(ResponseMemory, ClosesAllWhoHoldABodyBeforeItIsFree) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "a", kBody, 60);
  memory.hold(kSecond, "b", kBody, 60);
  EXPECT_THAT(memory.hold(kThird, "c", kNew, 60), testing::UnorderedElementsAre(kFirst, kSecond));
  EXPECT_EQ(memory.bytes(), 60u);
}

TEST(ResponseMemory, LetsOneBodyBeLargerThanTheBoundAlone) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "a", kBody, 60);
  EXPECT_THAT(memory.hold(kSecond, "a", kNew, 1000), ElementsAre(kFirst));
  EXPECT_EQ(memory.bytes(), 1000u);
  EXPECT_THAT(memory.hold(kThird, "b", kBody, 1), ElementsAre(kSecond));
}

TEST(ResponseMemory, TakesTheCompressedBodyInPlaceOfTheText) {
  ResponseMemory memory(100);
  memory.hold(kFirst, "a", kBody, 90);
  EXPECT_THAT(memory.hold(kFirst, "a", kOther, 10), IsEmpty());
  EXPECT_EQ(memory.bytes(), 10u);
  memory.hold(kSecond, "b", kBody, 5);
  EXPECT_THAT(memory.hold(kThird, "c", kNew, 90), ElementsAre(kFirst));
}

}  // namespace
}  // namespace muster::collector::http
