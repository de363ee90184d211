#include "agent/probes/packages_apk/apk_version.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apk {
namespace {

// From the oldest to the newest, each by another sentence of apk-package(5).
constexpr std::string_view kLadder[] = {
    "0.1_alpha",
    "0.1_alpha1",
    "0.1_alpha2",
    "0.1_alpha10",
    "0.1_beta",
    "0.1_pre3",
    "0.1_rc1",
    "0.1_rc1-r1",
    "0.1",
    "0.1-r0",
    "0.1-r1",
    "0.1-r10",
    "0.1~0a1b-r0",
    "0.1~1",
    "0.1_cvs1",
    "0.1_svn1",
    "0.1_git20",
    "0.1_git20240101",
    "0.1_hg1",
    "0.1_p1",
    "0.1_p2_rc1",
    "0.1_p2",
    "0.1a",
    "0.1b",
    "0.1.0",
    "0.1.01",
    "0.1.1",
    "0.1.9",
    "0.1.10",
    "0.2",
    "1",
    "1.0",
    "2",
    "10",
    "99999999999999999999",
    "100000000000000000000",
};

std::string sign_of(std::string_view a, std::string_view b) {
  const int order = compare_versions(a, b);
  return order < 0 ? "<" : order > 0 ? ">" : "=";
}

TEST(ApkVersion, OrdersByTheSpecification) {
  const size_t size = std::size(kLadder);
  for (size_t i = 0; i < size; ++i) {
    EXPECT_TRUE(is_version(kLadder[i])) << kLadder[i];
    for (size_t j = 0; j < size; ++j) {
      EXPECT_EQ(sign_of(kLadder[i], kLadder[j]), i < j   ? "<"
                                                 : i > j ? ">"
                                                         : "=")
          << kLadder[i] << " and " << kLadder[j];
    }
  }
}

// "0.1_p2_rc1" leads to something after 0.1_p2: the longer is older there.
TEST(ApkVersion, TakesASuffixBeforeAReleaseAsOlderThanItsEnd) {
  EXPECT_EQ(sign_of("1.0_p2_rc1", "1.0_p2"), "<");
  EXPECT_EQ(sign_of("1.0_rc1_git3", "1.0_rc1"), ">");
  EXPECT_EQ(sign_of("1.0_rc1_git3", "1.0"), "<");
}

TEST(ApkVersion, ComparesNumbersThatBeginWithZeroAsFractions) {
  EXPECT_EQ(sign_of("1.09", "1.1"), "<");
  EXPECT_EQ(sign_of("1.10", "1.9"), ">");
  EXPECT_EQ(sign_of("1.010", "1.02"), "<");
  EXPECT_EQ(sign_of("09", "9"), "=");
}

TEST(ApkVersion, TellsWhatHasNotItsForm) {
  for (const std::string_view text :
       {"", "a", ".1", "1.", "1..2", "1a2", "1_", "1_foo", "1_rcx", "1-1", "1-r", "1-r1-r2", "1~",
        "1~xyz", "1-r1~ab", "1 ", "1A", "v1.0", "1_rc1a"}) {
    EXPECT_FALSE(is_version(text)) << text;
  }
  for (const std::string_view text : {"1", "1.2.3", "1a", "1_rc", "1_git2_p1", "1~ab", "1_p1~0-r9"})
    EXPECT_TRUE(is_version(text)) << text;
}

TEST(ApkVersion, KnowsWhatAnotherBeginsWith) {
  for (const std::string_view version :
       {"1.6", "1.6.0_pre1", "1.6.0", "1.6.5", "1.6.9_p1", "1.6-r1"})
    EXPECT_TRUE(begins_with_version(version, "1.6")) << version;
  for (const std::string_view version : {"1.60", "1.7", "1", "2.6", ""})
    EXPECT_FALSE(begins_with_version(version, "1.6")) << version;
  EXPECT_FALSE(begins_with_version("1.6", ""));
}

// Texts near the form, so that every rule meets every other.
std::string made_version(std::mt19937& random) {
  constexpr std::string_view kPieces[] = {
      "0",    "1", "9",   "10", "01",  ".", ".0",   "a", "z", "_rc", "_pre", "_p",
      "_git", "~", "~ab", "-r", "-r1", "-", "_foo", "A", "_", "00",  ".1",   "_alpha"};
  std::string text;
  const size_t pieces = random() % 7;
  for (size_t i = 0; i < pieces; ++i)
    text += kPieces[random() % std::size(kPieces)];
  return text;
}

TEST(ApkVersion, IsATotalOrder) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 50'000; ++round) {
    const std::string a = made_version(random);
    const std::string b = made_version(random);
    const std::string c = made_version(random);
    const int ab = compare_versions(a, b);
    const int ba = compare_versions(b, a);
    ASSERT_EQ(ab<0, ba> 0) << a << " and " << b;
    ASSERT_EQ(ab == 0, ba == 0) << a << " and " << b;
    ASSERT_TRUE(compare_versions(a, a) == 0) << a;
    if (ab <= 0 && compare_versions(b, c) <= 0) {
      ASSERT_TRUE(compare_versions(a, c) <= 0) << a << ", " << b << " and " << c;
    }
  }
}

}  // namespace
}  // namespace muster::packages_apk
