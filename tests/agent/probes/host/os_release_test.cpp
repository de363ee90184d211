#include "agent/probes/host/os_release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace muster {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(OsRelease, ReadsADistributionsFile) {
  const OsRelease release = parse_os_release(
      "PRETTY_NAME=\"Rocky Linux 9.3 (Blue Onyx)\"\n"
      "NAME=\"Rocky Linux\"\n"
      "ID=\"rocky\"\n"
      "ID_LIKE=\"rhel centos fedora\"\n"
      "VERSION_ID=\"9.3\"\n"
      "VERSION_CODENAME=blue\n"
      "ARCHITECTURE=x86-64\n"
      "SUPPORT_END=2032-05-31\n");
  EXPECT_EQ(release.id, "rocky");
  EXPECT_EQ(release.name, "Rocky Linux");
  EXPECT_EQ(release.support_end, "2032-05-31");
  EXPECT_THAT(release.id_like, ElementsAre("rhel", "centos", "fedora"));
  EXPECT_EQ(release.version_id, "9.3");
  EXPECT_EQ(release.codename, "blue");
  EXPECT_EQ(release.pretty_name, "Rocky Linux 9.3 (Blue Onyx)");
  EXPECT_EQ(release.architecture, "x86_64");
}

TEST(OsRelease, FollowsTheQuotingOfAShell) {
  struct Case {
    std::string_view line;
    std::string_view value;
  };
  constexpr Case kCases[] = {
      {"PRETTY_NAME=Plain", "Plain"},
      {"PRETTY_NAME=\"two words\"", "two words"},
      {"PRETTY_NAME='two words'", "two words"},
      {"PRETTY_NAME=\"a \\\"quoted\\\" \\$ \\` \\\\ word\"", "a \"quoted\" $ ` \\ word"},
      {"PRETTY_NAME=\"kept \\n\"", "kept \\n"},
      {"PRETTY_NAME='no \\$ escape'", "no \\$ escape"},
      {"PRETTY_NAME=one\\ word", "one word"},
      {"PRETTY_NAME=\"joined\"'ly'", "joinedly"},
      {"PRETTY_NAME=first second", "first"},
      {"PRETTY_NAME=\"#1 \" # a comment", "#1 "},
      {"PRETTY_NAME=", ""},
      {"PRETTY_NAME=\"\"", ""},
      {"PRETTY_NAME=\"never closed", "never closed"},
      {"PRETTY_NAME=back\\", "back\\"},
      {"  PRETTY_NAME=indented\r", "indented"},
      {"# PRETTY_NAME=comment", ""},
      {"PRETTY_NAME", ""},
      {"=value", ""},
      {"PRETTY_NAME=first\nPRETTY_NAME=last", "last"},
      {"PRETTY_NAME=\"\x1b[2J\xff\"", "\\x1b[2J\xEF\xBF\xBD"},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(parse_os_release(c.line).pretty_name, c.value) << c.line;
}

TEST(OsRelease, IsEmptyWhereTheFileIs) {
  const OsRelease release = parse_os_release("");
  EXPECT_EQ(release.id, "");
  EXPECT_THAT(release.id_like, IsEmpty());
}

TEST(OsRelease, NamesArchitecturesAsUnameDoes) {
  EXPECT_EQ(parse_os_release("ARCHITECTURE=arm64").architecture, "aarch64");
  EXPECT_EQ(parse_os_release("ARCHITECTURE=x86").architecture, "i686");
  EXPECT_EQ(parse_os_release("ARCHITECTURE=ppc64-le").architecture, "ppc64le");
  EXPECT_EQ(parse_os_release("ARCHITECTURE=s390x").architecture, "s390x");
}

TEST(OsRelease, BoundsValuesAndTheirNumber) {
  EXPECT_EQ(parse_os_release("ID=" + std::string(300, 'x')).id.size(), 256U);
  EXPECT_THAT(parse_os_release("ID_LIKE='a b c d e f g h i j k l m n o p q'").id_like, SizeIs(16));
}

}  // namespace
}  // namespace muster
