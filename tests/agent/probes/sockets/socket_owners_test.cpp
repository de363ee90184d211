// The table of sockets: how it is made from a /proc, and how it is read.
#include "agent/probes/sockets/socket_owners.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include "agent/probes/sockets/socket_look.h"
#include "agent/sandbox/socket_table.h"
#include "common/text.h"
#include "tests/agent/probes/test_root.h"
#include "tests/common/damaged_bytes.h"

namespace muster::sockets {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTcp =
    "head\n"
    "   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "41 1 0\n";

class SocketTableTest : public ::testing::Test {
 protected:
  // As /proc has a process: its program, when it began, what its descriptors are, and its network.
  void add(const std::string& pid, const std::string& program, int start,
           const std::vector<std::string>& descriptors, const std::string& network = "host",
           uint64_t user = 0) const {
    const std::string directory = "/proc/" + pid;
    root_.write(directory + "/status",
                fmt::format("Name:\t{}\nUid:\t{}\t0\t0\t0\n", program, user));
    root_.write(directory + "/stat",
                fmt::format("{} ({}) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 {} 5694 1\n",
                            pid, program, start));
    root_.write(directory + "/cgroup", fmt::format("0::/system.slice/{}.service\n", program));
    root_.make_directory(directory + "/fd");
    int number = 3;
    for (const std::string& descriptor : descriptors)
      root_.link(fmt::format("{}/fd/{}", directory, number++), descriptor);
    root_.link(directory + "/exe", "/usr/sbin/" + program + " (deleted)");
    root_.write("/networks/" + network, "");
    root_.make_directory(directory + "/ns");
    root_.link(directory + "/ns/net", root_.path() + "/networks/" + network);
    root_.write(directory + "/net/tcp", kTcp);
    root_.write(directory + "/net/tcp6", "head\n");
  }
  std::string gather() const { return agent::gather_sockets((root_.path() + "/proc").c_str()); }
  // As whoever looks: a process of this host.
  void add_self() const {
    add("700", "muster", 900, {});
    root_.link("/proc/self", root_.path() + "/proc/700");
  }

  test::TestRoot root_;
};

TEST_F(SocketTableTest, HasWhoseEachSocketIs) {
  add_self();
  add("812", "nginx", 100, {"socket:[41]", "/dev/null", "socket:[42]", "pipe:[43]"});
  add("813", "nginx", 200, {"socket:[41]", "socket:[41]"});
  const auto table = parse_socket_table(gather());
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->owners.size(), 2U);
  const v1::SocketOwner& owner = table->owners.at(41);
  EXPECT_EQ(owner.program(), "nginx");
  EXPECT_EQ(owner.executable(), "/usr/sbin/nginx");
  EXPECT_EQ(owner.unit(), "nginx.service");
  EXPECT_EQ(owner.processes(), 2U);
  EXPECT_EQ(table->owners.at(42).processes(), 1U);
  EXPECT_EQ(table->unreadable, 0U);
}

// systemd holds a socket too that it has given to a service.
TEST_F(SocketTableTest, AServiceOwnsASocketThatItsManagerHoldsToo) {
  add_self();
  add("1", "systemd", 1, {"socket:[41]", "socket:[42]"});
  add("950", "sshd", 500, {"socket:[41]"});
  const auto table = parse_socket_table(gather());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->owners.at(41).program(), "sshd");
  EXPECT_EQ(table->owners.at(42).program(), "systemd");
  EXPECT_FALSE(table->owners.at(41).is_first_process());
  EXPECT_TRUE(table->owners.at(42).is_first_process());
}

// Any process may call itself so.
TEST_F(SocketTableTest, OnlyProcess1IsTheManagerOfServices) {
  add_self();
  add("4711", "systemd", 500, {"socket:[41]"});
  const auto table = parse_socket_table(gather());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->owners.at(41).program(), "systemd");
  EXPECT_FALSE(table->owners.at(41).is_first_process());
}

TEST_F(SocketTableTest, TellsWhatListensInAnotherNetworkOnce) {
  add_self();
  add("812", "nginx", 100, {"socket:[41]"}, "other");
  add("813", "nginx", 200, {"socket:[41]"}, "other");
  const v1::Section section = look_at_sockets(SocketList{}, gather());
  ASSERT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::SocketFacts facts;
  ASSERT_TRUE(facts.ParseFromString(section.facts()));
  ASSERT_EQ(facts.sockets_size(), 1);
  EXPECT_NE(facts.sockets(0).network_namespace(), 0U);
  EXPECT_EQ(facts.sockets(0).port(), 443U);
  EXPECT_EQ(facts.sockets(0).owner().program(), "nginx");
  EXPECT_THAT(facts.unseen(), IsEmpty());
}

TEST_F(SocketTableTest, WhereTheKernelSaysNothingTheTextOfItsTableIsTaken) {
  add_self();
  add("812", "nginx", 100, {"socket:[41]"});
  const v1::Section section =
      look_at_sockets(absl::UnavailableError("Address family not supported"), gather());
  v1::SocketFacts facts;
  ASSERT_TRUE(facts.ParseFromString(section.facts()));
  ASSERT_EQ(facts.sockets_size(), 1);
  EXPECT_EQ(facts.sockets(0).network_namespace(), 0U);
  EXPECT_EQ(facts.sockets(0).owner().program(), "nginx");
  EXPECT_THAT(facts.unseen(), Contains(HasSubstr("not supported")));
}

TEST_F(SocketTableTest, NothingToReadIsAFailedLook) {
  const v1::Section section = look_at_sockets(absl::UnavailableError("no netlink"), "");
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("no netlink"));
}

TEST_F(SocketTableTest, SaysWhichNetworksAreBeyondItsBound) {
  add_self();
  for (size_t i = 0; i < agent::kMostNetworks + 3; ++i)
    add(std::to_string(1000 + i), "sleep", 100, {"socket:[5]"}, fmt::format("n{}", i));
  v1::SocketFacts facts;
  facts.ParseFromString(look_at_sockets(SocketList{}, gather()).facts());
  // The look's own is one of those that are told.
  EXPECT_EQ(facts.sockets_size(), static_cast<int>(agent::kMostNetworks) - 1);
  EXPECT_THAT(facts.unseen(), ElementsAre("the sockets of 2 network namespaces"));
}

// Else a user would fill the table with one socket.
TEST_F(SocketTableTest, ASocketThatWasDuplicatedTakesThePlaceOfOne) {
  add_self();
  add("812", "nginx", 100, {"socket:[42]", "socket:[41]"});
  const size_t size = gather().size();
  for (int i = 10; i < 200; ++i)
    root_.link(fmt::format("/proc/812/fd/{}", i), "socket:[41]");
  EXPECT_EQ(gather().size(), size);
}

TEST_F(SocketTableTest, AUserHasSoManyNetworksAndLeavesThoseOfOthers) {
  add_self();
  for (size_t i = 0; i < agent::kMostNetworksOfOneUser + 3; ++i) {
    // Numbers of one user namespace are one user's.
    add(std::to_string(1000 + i), "sleep", 100, {"socket:[5]"}, fmt::format("n{}", i), 131072 + i);
  }
  add("2000", "nginx", 100, {"socket:[41]"}, "other");
  v1::SocketFacts facts;
  facts.ParseFromString(look_at_sockets(SocketList{}, gather()).facts());
  EXPECT_EQ(facts.sockets_size(), static_cast<int>(agent::kMostNetworksOfOneUser) + 1);
  EXPECT_THAT(facts.unseen(), ElementsAre("the sockets of 2 network namespaces"));
}

TEST_F(SocketTableTest, AUserFillsItsShareAndNoOther) {
  add_self();
  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i)
    many.push_back(fmt::format("socket:[{}]", 1000 + i));
  add("812", "hog", 100, many, "host", 1000);
  add("813", "hog", 100, {"socket:[44]"}, "host", 1000);
  add("814", "nginx", 100, {"socket:[45]"}, "host", 33);
  const auto table =
      parse_socket_table(agent::gather_sockets((root_.path() + "/proc").c_str(), 1500));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->owners.size(), 1U);
  EXPECT_TRUE(table->owners.contains(45));
  EXPECT_THAT(table->crowded_users, ElementsAre(1000U));
}

TEST_F(SocketTableTest, SaysWhoseSocketsAreMoreThanThereIsRoomFor) {
  add_self();
  agent::SocketRecord record{.process = 812, .error = EDQUOT, .user = 1000};
  std::string table = gather();
  table.append(reinterpret_cast<const char*>(&record), sizeof record);
  SocketList list;
  list.add({.address = "::1", .port = 8443, .inode = 77});
  v1::SocketFacts facts;
  facts.ParseFromString(look_at_sockets(list, table).facts());
  EXPECT_THAT(facts.unseen(), ElementsAre(HasSubstr("1 user have open")));
  EXPECT_THAT(facts.unseen(), ElementsAre(HasSubstr("the first is 1000")));
  EXPECT_THAT(facts.sockets(0).owner().error(), HasSubstr("descriptors that were looked at"));
}

TEST_F(SocketTableTest, SaysWhoCouldNotBeLookedInto) {
  add_self();
  agent::SocketRecord record{.process = 812, .error = EACCES};
  const std::string stat = "812 (ngi\x1bnx) S 1";
  record.stat_size = static_cast<uint32_t>(stat.size());
  std::string table = gather();
  table.append(reinterpret_cast<const char*>(&record), sizeof record).append(stat);
  SocketList list;
  list.add({.address = "::1", .port = 8443, .inode = 77});
  v1::SocketFacts facts;
  facts.ParseFromString(look_at_sockets(list, table).facts());
  ASSERT_EQ(facts.sockets_size(), 1);
  EXPECT_EQ(facts.sockets(0).owner().processes(), 0U);
  EXPECT_THAT(facts.sockets(0).owner().error(), HasSubstr("ngi\\x1bnx (812): Permission denied"));
  EXPECT_THAT(facts.unseen(), ElementsAre(HasSubstr("1 process")));
}

TEST_F(SocketTableTest, ATableThatIsNotWholeIsNone) {
  add_self();
  add("812", "nginx", 100, {"socket:[41]"});
  const std::string table = gather();
  ASSERT_TRUE(parse_socket_table(table).ok());
  for (size_t size = 1; size < table.size(); size += 7) {
    const auto parsed = parse_socket_table(std::string_view(table).substr(0, size));
    // Cut between two records it is a shorter table.
    if (parsed.ok()) {
      EXPECT_THAT(parsed->owners, IsEmpty()) << size;
    }
  }
}

TEST_F(SocketTableTest, AnyBytesAreATableOrAComplaint) {
  add_self();
  add("812", "nginx", 100, {"socket:[41]"});
  add("813", "nginx", 200, {"socket:[41]"}, "other");
  const std::string table = gather();
  std::mt19937 random(20261122);
  for (int i = 0; i < 3000; ++i) {
    const v1::Section section = look_at_sockets(SocketList{}, test::damaged(table, random));
    v1::SocketFacts facts;
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    for (const v1::ListeningSocket& socket : facts.sockets())
      ASSERT_EQ(printable(socket.owner().program()), socket.owner().program());
  }
}

TEST_F(SocketTableTest, MoreSocketsThanItsBoundAreCounted) {
  add_self();
  SocketList list;
  for (uint16_t i = 0; i < kMostSockets + 5; ++i)
    list.add({.address = "0.0.0.0", .port = i, .inode = i});
  v1::SocketFacts facts;
  facts.ParseFromString(look_at_sockets(list, gather()).facts());
  EXPECT_EQ(facts.sockets_size(), static_cast<int>(kMostSockets));
  EXPECT_EQ(facts.sockets_omitted(), 5U);
  EXPECT_EQ(facts.sockets(0).port(), 0U);
}

TEST(RoundedCount, MovesWithTheFirstDigitOnly) {
  EXPECT_EQ(rounded_count(0), 0U);
  EXPECT_EQ(rounded_count(1), 1U);
  EXPECT_EQ(rounded_count(2), 2U);
  EXPECT_EQ(rounded_count(9), 2U);
  EXPECT_EQ(rounded_count(10), 10U);
  EXPECT_EQ(rounded_count(250), 100U);
}

}  // namespace
}  // namespace muster::sockets
