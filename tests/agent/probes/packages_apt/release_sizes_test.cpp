#include "agent/probes/packages_apt/release_sizes.h"

#include <gtest/gtest.h>

#include <string>

namespace muster::packages_apt {
namespace {

const std::string any_sum(64, 'a');

std::string release(const std::string& sums) {
  return "Origin: Debian\nMD5Sum:\n d41d8cd98f00b204e9800998ecf8427e 7 main/binary-amd64/Packages\n"
         "SHA256:\n" +
         sums + "Signature: none\n";
}

TEST(ReleaseSizes, AreReadFromTheSha256SumsOnly) {
  const std::string text = release(" " + any_sum + " 1234 main/binary-amd64/Packages\n " + any_sum +
                                   "        5 main/binary-i386/Packages\n");
  EXPECT_EQ(size_at_a_glance(text, "main/binary-amd64/Packages"), 1234u);
  EXPECT_EQ(size_at_a_glance(text, "main/binary-i386/Packages"), 5u);
  EXPECT_TRUE(has_sums_at_a_glance(text));
}

TEST(ReleaseSizes, AreNotThoseOfANameThatOnlyContainsTheList) {
  const std::string text = release(" " + any_sum + " 1 main/binary-amd64/Packages.xz\n " + any_sum +
                                   " 2 contrib/main/binary-amd64/Packages\n");
  EXPECT_EQ(size_at_a_glance(text, "main/binary-amd64/Packages"), std::nullopt);
}

TEST(ReleaseSizes, AreLeftToLibaptWhereTheLineIsOdd) {
  const std::string name = "main/binary-amd64/Packages";
  for (const std::string& line : {
           std::string(" 1234 "),
           " " + any_sum + " x ",
           " " + any_sum + " 12x ",
           " " + any_sum + " ",
           " " + any_sum + " -1 ",
           " " + any_sum + "1234 ",
           " " + any_sum + " 99999999999999999999 ",
       }) {
    EXPECT_EQ(size_at_a_glance(release(line + name + "\n"), name), std::nullopt) << line;
  }
  EXPECT_EQ(size_at_a_glance("", name), std::nullopt);
  EXPECT_EQ(size_at_a_glance("SHA256:\n", name), std::nullopt);
  EXPECT_EQ(size_at_a_glance("\nSHA256:\n " + any_sum + " 12 " + name, name), std::nullopt);
  EXPECT_EQ(size_at_a_glance("\nSHA256:\n " + name + "\n", name), std::nullopt);
}

TEST(ReleaseSizes, AreMissingWithoutSha256Sums) {
  EXPECT_FALSE(has_sums_at_a_glance("Origin: Debian\nMD5Sum:\n a 7 main/binary-amd64/Packages\n"));
  EXPECT_FALSE(has_sums_at_a_glance("Origin: Debian\nSHA256:\nSuite: stable\n"));
  EXPECT_FALSE(has_sums_at_a_glance(""));
}

TEST(ReleaseSizes, TellWhetherThereAreListsForAllArchitectures) {
  EXPECT_TRUE(has_no_lists_for_all(
      "Suite: stable\nNo-Support-for-Architecture-all: Packages\nArchitectures: all amd64\n"));
  EXPECT_TRUE(has_no_lists_for_all("Suite: stable\nArchitectures: amd64 arm64\n"));
  EXPECT_FALSE(has_no_lists_for_all("Suite: stable\nArchitectures: all amd64\n"));
  EXPECT_FALSE(has_no_lists_for_all("Suite: stable\nArchitectures: amd64 all\n"));
  EXPECT_FALSE(has_no_lists_for_all("Suite: stable\n")) << "not said";
}

}  // namespace
}  // namespace muster::packages_apt
