#include "agent/probes/certificates/access_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/agent/probes/certificates/access_list_maker.h"

namespace muster {
namespace {

using test::access_list;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const IdNames kUsers = read_id_names("root:x:0:0:root:/root:/bin/sh\nbackup:x:34:34::/:\n");
const IdNames kGroups = read_id_names("root:x:0:\nssl-cert:x:110:postgres\n");

std::vector<std::string> readers(const std::string& attribute) {
  return parse_access_list(attribute, kUsers, kGroups).value().readers;
}

std::vector<std::string> writers(const std::string& attribute) {
  return parse_access_list(attribute, kUsers, kGroups).value().writers;
}

TEST(AccessList, NamesThoseWhoMayReadBesideOwnerGroupAndOthers) {
  EXPECT_THAT(readers(access_list({{1, 6, 0},
                                   {2, 4, 34},
                                   {2, 6, 1001},
                                   {4, 4, 0},
                                   {8, 4, 110},
                                   {8, 4, 7},
                                   {16, 7, 0},
                                   {32, 4, 0}})),
              ElementsAre("user:backup", "user:1001", "group:ssl-cert", "group:7"));
}

TEST(AccessList, CountsNobodyWhoMayNotReadOrWhomTheMaskForbids) {
  EXPECT_THAT(readers(access_list({{1, 6, 0}, {2, 2, 34}, {4, 4, 0}, {16, 7, 0}, {32, 0, 0}})),
              IsEmpty());
  EXPECT_THAT(readers(access_list({{1, 6, 0}, {2, 4, 34}, {4, 4, 0}, {16, 3, 0}, {32, 0, 0}})),
              IsEmpty());
  EXPECT_THAT(readers(access_list({})), IsEmpty());
}

// Who may write puts another key in its place, whether or not the old one can be read.
TEST(AccessList, NamesThoseWhoMayWrite) {
  const auto list = [](uint16_t mask) {
    return access_list(
        {{1, 6, 0}, {2, 2, 34}, {2, 4, 1001}, {4, 4, 0}, {8, 6, 110}, {16, mask, 0}, {32, 4, 0}});
  };
  EXPECT_THAT(writers(list(7)), ElementsAre("user:backup", "group:ssl-cert"));
  EXPECT_THAT(readers(list(7)), ElementsAre("user:1001", "group:ssl-cert"));
  EXPECT_THAT(writers(list(4)), IsEmpty());
}

TEST(AccessList, OfAnUnknownFormIsAnErrorAndNotNobody) {
  const std::string good = access_list({{1, 6, 0}, {2, 4, 34}});
  std::string other_version = good;
  other_version[0] = 3;
  for (const std::string& bad :
       {std::string(), std::string(3, '\0'), good.substr(0, good.size() - 1), other_version}) {
    EXPECT_EQ(parse_access_list(bad, kUsers, kGroups).status().message(),
              "its access control list is of an unknown form");
  }
}

TEST(AccessList, BoundsItsReaders) {
  std::vector<test::AccessEntry> entries;
  for (uint32_t i = 0; i < kMostReaders; ++i)
    entries.push_back({2, 4, 2000 + i});
  EXPECT_THAT(readers(access_list(entries)), SizeIs(kMostReaders));
  entries.push_back({2, 4, 1});
  entries.push_back({8, 4, 1});
  const std::vector<std::string> all = readers(access_list(entries));
  EXPECT_THAT(all, SizeIs(kMostReaders + 1));
  EXPECT_EQ(all.back(), "and 2 more");
  EXPECT_THAT(writers(access_list(entries)), IsEmpty());
}

TEST(IdNames, AreOfPasswdAndGroup) {
  const IdNames names = read_id_names(
      "a:x:1:1:::\nb:x:1:1:::\nbad\n:x:2:\nc:x:-3:\nd:x:4294967296:\n"
      "e:x:5\nf\x1b:x:6:\n");
  EXPECT_EQ(id_text(names, 1), "a");
  EXPECT_EQ(id_text(names, 2), "2");
  EXPECT_EQ(id_text(names, 5), "e");
  EXPECT_EQ(id_text(names, 6), "f\\x1b");
  EXPECT_THAT(names, SizeIs(3));
  std::string many;
  for (int i = 0; i < 65537; ++i)
    many += "n:x:" + std::to_string(i) + ":\n";
  EXPECT_THAT(read_id_names(many), SizeIs(65536));
  EXPECT_EQ(id_text(read_id_names(std::string(100, 'n') + ":x:1:"), 1).size(), 64U);
}

}  // namespace
}  // namespace muster
