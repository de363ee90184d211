#include "common/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace muster {
namespace {

TEST(Glob, OverlapsWhereATextIsMatchedByBoth) {
  const struct {
    const char* one;
    const char* other;
  } both[] = {
      {"", ""},         {"a", "a"},
      {"*", ""},        {"*", "*"},
      {"a*", "*b"},     {"PowerEdge R6*", "PowerEdge R*40"},
      {"a?c", "ab?"},   {"[a-c]x", "[c-e]x"},
      {"[!a]", "[^b]"}, {"[]x]", "]"},
      {"[", "["},       {"[ab", "[ab"},
      {"\\*", "\\*"},   {"\\*", "*"},
      {"a**b", "ab"},   {"[[:digit:]]", "7"},
  };
  for (const auto& pair : both) {
    EXPECT_TRUE(globs_overlap(pair.one, pair.other)) << pair.one << " and " << pair.other;
    EXPECT_TRUE(globs_overlap(pair.other, pair.one)) << pair.one << " and " << pair.other;
  }
}

TEST(Glob, DoesNotOverlapWhereNoTextIsMatchedByBoth) {
  const struct {
    const char* one;
    const char* other;
  } apart[] = {
      {"", "a"},    {"", "?"},          {"a", "b"},       {"a*", "b*"}, {"*a", "*b"},
      {"a?", "a"},  {"[ab]", "[cd]"},   {"[!a]", "a"},    {"ab", "a"},  {"a*c", "b"},
      {"\\*", "a"}, {"R640*", "R650*"}, {"a*b*c", "a*d"},
  };
  for (const auto& pair : apart) {
    EXPECT_FALSE(globs_overlap(pair.one, pair.other)) << pair.one << " and " << pair.other;
    EXPECT_FALSE(globs_overlap(pair.other, pair.one)) << pair.one << " and " << pair.other;
  }
}

// What fnmatch finds is matched by both must be said to overlap.
TEST(Glob, OverlapsWhereverFnmatchFindsATextForBoth) {
  std::mt19937 random(7);
  const std::string letters = "aab*?[]-!\\";
  const auto text_of = [&](size_t most, const std::string& from) {
    std::string text;
    for (size_t size = random() % most; size > 0; --size)
      text += from[random() % from.size()];
    return text;
  };
  size_t found = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string one = text_of(7, letters);
    const std::string other = text_of(7, letters);
    const std::string text = text_of(5, "aab-]");
    if (!matches_glob(one, text) || !matches_glob(other, text)) continue;
    ++found;
    ASSERT_TRUE(globs_overlap(one, other)) << one << " and " << other << ": " << text;
  }
  EXPECT_GT(found, 500U);
}

TEST(Glob, CountsWhatStandsForItself) {
  EXPECT_EQ(literal_count("PowerEdge R6*"), 12U);
  EXPECT_EQ(literal_count("a[bc]d?*"), 2U);
  EXPECT_EQ(literal_count("\\*[x]"), 2U);
  EXPECT_TRUE(is_literal("PowerEdge R640"));
  EXPECT_TRUE(is_literal(""));
  EXPECT_FALSE(is_literal("PowerEdge R6?0"));
}

}  // namespace
}  // namespace muster
