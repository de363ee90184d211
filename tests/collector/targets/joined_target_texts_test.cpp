#include "collector/targets/joined_target_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::collector {
namespace {

using testing::IsEmpty;

TEST(JoinedTargetTexts, AreOneTextAndThatThemAgain) {
  const std::vector<TargetText> texts = {{.name = "/etc/a b.yml", .text = "targets: []\n"},
                                         {.name = "c", .text = ""},
                                         {.name = "d", .text = "3 x\nabc"}};
  const auto split = split_target_texts(join_target_texts(texts));
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(*split, texts);
  EXPECT_THAT(split_target_texts("").value(), IsEmpty());
  for (const char* text : {"x", "3\nabc", "3 \nabc", "4 a\nabc", "-1 a\nabc", "3 a", " a\n",
                           "3 a\nabcd", "99999999999999999999999 a\n"}) {
    EXPECT_FALSE(split_target_texts(text).ok()) << text;
  }
}

}  // namespace
}  // namespace muster::collector
