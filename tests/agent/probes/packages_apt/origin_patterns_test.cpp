#include "agent/probes/packages_apt/origin_patterns.h"

#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

const DistributionNames bookworm = {"Debian", "bookworm"};
const AptList main_list = {{"Debian", "Debian", "stable", "bookworm", "deb.example.org"}, "main"};
const AptList security_list = {
    {"Debian", "Debian-Security", "stable-security", "bookworm-security", ""}, "main"};
const AptList comma_list = {{"A, B: C", "Odd", "x y", "", ""}, "main"};

bool allows(const std::string& pattern, const AptList& list) {
  const auto parsed = parse_origin_patterns({}, {pattern}, bookworm);
  EXPECT_TRUE(parsed.ok()) << pattern;
  return parsed.ok() && is_allowed(list, *parsed);
}

TEST(OriginPatterns, EveryFieldOfAPatternMustMatch) {
  EXPECT_TRUE(allows("origin=Debian,codename=${distro_codename},label=Debian", main_list));
  EXPECT_FALSE(allows("origin=Debian,codename=${distro_codename},label=Debian", security_list));
  EXPECT_TRUE(allows("o=Debian, n=bookworm-security , l=Debian-Security", security_list));
  EXPECT_TRUE(allows("o=$distro_id,a=stable", main_list));
  EXPECT_TRUE(allows("archive=stable,suite=stable", main_list));
  EXPECT_TRUE(allows("site=deb.example.org,component=main", main_list));
  EXPECT_FALSE(allows("c=contrib", main_list));
  EXPECT_TRUE(allows("o=*,a=stable*", security_list));
  EXPECT_TRUE(allows("n=b?okworm", main_list));
  EXPECT_TRUE(allows("n=[abc]ookworm", main_list));
  EXPECT_FALSE(allows("o=debian", main_list)) << "case counts";
  EXPECT_TRUE(allows("o=A\\, B: C", comma_list));
  EXPECT_FALSE(allows("", main_list)) << "nothing matches nothing";
}

TEST(OriginPatterns, TheOldFormNamesOriginAndSuite) {
  const struct {
    std::string text;
    bool main;
    bool comma;
  } cases[] = {
      {"Debian:stable", true, false},        {"Debian stable", true, false},
      {"${distro_id}:stable*", true, false}, {"A, B\\: C:x y", false, true},
      {"Debian:oldstable", false, false},
  };
  for (const auto& [text, main, comma] : cases) {
    const auto parsed = parse_origin_patterns({text}, {}, bookworm);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(is_allowed(main_list, *parsed), main) << text;
    EXPECT_EQ(is_allowed(comma_list, *parsed), comma) << text;
  }
}

TEST(OriginPatterns, WhatUnattendedUpgradesStopsAtIsAnError) {
  for (const char* text :
       {"Debian", "vendor=Debian", "o=a=b", "o=Debian,", "o=${release}", "o=$"}) {
    EXPECT_FALSE(parse_origin_patterns({}, {text}, bookworm).ok()) << text;
  }
  for (const char* text : {"Debian", "a:b:c", "one two three", "", "$x:stable"}) {
    EXPECT_FALSE(parse_origin_patterns({text}, {}, bookworm).ok()) << text;
  }
}

TEST(OriginPatterns, AreBoundedInNumberAndLength) {
  const std::vector<std::string> many(kMostPatterns + 1, "o=Debian");
  EXPECT_FALSE(parse_origin_patterns({}, many, bookworm).ok());
  EXPECT_TRUE(
      parse_origin_patterns({}, {"o=" + std::string(kLongestPattern - 2, 'x')}, bookworm).ok());
  EXPECT_FALSE(
      parse_origin_patterns({}, {"o=" + std::string(kLongestPattern, 'x')}, bookworm).ok());
}

// A hostile image's pattern costs no more than its length times that of the name.
TEST(OriginPatterns, ManyStarsAreHarmless) {
  std::string stars = "o=";
  for (int i = 0; i < 500; ++i)
    stars += "*a";
  EXPECT_FALSE(allows(stars + "b", {{std::string(128, 'a'), "", "", "", ""}, ""}));
}

}  // namespace
}  // namespace muster::packages_apt
