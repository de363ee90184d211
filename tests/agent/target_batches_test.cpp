#include "agent/targets/target_batches.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace muster::agent {
namespace {

std::vector<PlannedLook> looks_of(int count) {
  std::vector<PlannedLook> looks;
  for (int i = 0; i < count; ++i) {
    looks.emplace_back();
    looks.back().entity = fmt::format("t{:03}", i);
  }
  return looks;
}

std::vector<size_t> sizes_of(const std::vector<std::vector<PlannedLook>>& batches) {
  std::vector<size_t> sizes;
  for (const auto& batch : batches)
    sizes.push_back(batch.size());
  return sizes;
}

TEST(TargetBatches, AreOneForAll) {
  const TargetBatches batches;
  EXPECT_EQ(sizes_of(batches.divide(looks_of(100), 8)), (std::vector<size_t>{100}));
  EXPECT_TRUE(batches.divide({}, 8).empty());
}

TEST(TargetBatches, OfThoseThatARunDidNotAnswerAreHalvesApart) {
  TargetBatches batches;
  batches.failed({"t001", "t002", "t003", "t004"});
  EXPECT_TRUE(batches.any());
  EXPECT_EQ(sizes_of(batches.divide(looks_of(10), 8)), (std::vector<size_t>{6, 2, 2}));
}

TEST(TargetBatches, FindTheOneThatMakesItsProbeCrashAndLeaveTheOthersTogether) {
  const std::string culprit = "t042";
  TargetBatches batches;
  int blinded = 0;
  for (int round = 0; round < 12; ++round) {
    for (const auto& batch : batches.divide(looks_of(100), 8)) {
      std::vector<std::string> names;
      for (const PlannedLook& look : batch)
        names.push_back(look.entity);
      const bool crashes = std::count(names.begin(), names.end(), culprit) > 0;
      if (crashes) {
        batches.failed(names);
        blinded += static_cast<int>(names.size()) - 1;
      } else {
        for (const std::string& name : names)
          batches.answered(name);
      }
    }
  }
  EXPECT_EQ(sizes_of(batches.divide(looks_of(100), 8)), (std::vector<size_t>{99, 1}));
  EXPECT_LT(blinded, 200) << "each of the others was without a look twice at most, about";
}

TEST(TargetBatches, AreNoMoreThanThereIsRoomForAndForgetNobody) {
  TargetBatches batches;
  for (const PlannedLook& look : looks_of(20))
    batches.failed({look.entity});
  const auto divided = batches.divide(looks_of(30), 4);
  EXPECT_EQ(sizes_of(divided), (std::vector<size_t>{10, 1, 1, 18}));
  std::set<std::string> names;
  for (const auto& batch : divided) {
    for (const PlannedLook& look : batch)
      names.insert(look.entity);
  }
  EXPECT_EQ(names.size(), 30U);
}

TEST(TargetBatches, ForgetWhatIsNotHeldAnyMore) {
  TargetBatches batches;
  batches.failed({"a", "b"});
  batches.forget_unless([](const std::string& entity) { return entity == "a"; });
  EXPECT_TRUE(batches.any());
  batches.forget_unless([](const std::string&) { return false; });
  EXPECT_FALSE(batches.any());
}

}  // namespace
}  // namespace muster::agent
