// What the kernel says of its sockets, by netlink and in /proc/net/tcp.
#include "agent/probes/sockets/kernel_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "tests/common/damaged_bytes.h"

namespace muster::sockets {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As Linux 6.1 answered for a socket at [::]:853 that takes IPv4 as well, of a little-endian
// machine: nlmsghdr, inet_diag_msg, attribute INET_DIAG_SHUTDOWN, attribute INET_DIAG_SKV6ONLY.
std::string recorded(uint8_t only_ipv6) {
  std::string bytes("\x68\x00\x00\x00\x14\x00\x02\x00\x00\x00\x00\x00\x11\x22\x00\x00", 16);
  bytes += std::string("\x0a\x0a\x00\x00\x03\x55\x00\x00", 8);
  bytes += std::string(16, '\0') + std::string(16, '\0') + std::string(4, '\0');
  bytes += std::string("\x01\x00\x00\x00\x00\x00\x00\x00", 8);
  bytes += std::string(12, '\0') + std::string("\xe8\x03\x00\x00\x39\x30\x00\x00", 8);
  bytes += std::string("\x05\x00\x08\x00\x00\x00\x00\x00", 8);
  bytes += std::string("\x05\x00\x0b\x00", 4) + static_cast<char>(only_ipv6) + std::string(3, '\0');
  return bytes;
}

const std::string kDone(
    "\x14\x00\x00\x00\x03\x00\x02\x00\x00\x00\x00\x00\x11\x22\x00\x00"
    "\x00\x00\x00\x00",
    20);

TEST(SocketDump, TellsOfASocketThatTakesBothFamilies) {
  SocketList list;
  const auto step = parse_socket_dump(recorded(0), list);
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(*step, netlink::Step::kMore);
  ASSERT_EQ(list.sockets.size(), 1U);
  EXPECT_EQ(list.sockets[0].address, "::");
  EXPECT_EQ(list.sockets[0].port, 853);
  EXPECT_EQ(list.sockets[0].inode, 12345U);
  EXPECT_TRUE(list.sockets[0].both_families);
}

TEST(SocketDump, TellsOfOneThatTakesOnlyItsOwn) {
  SocketList list;
  ASSERT_TRUE(parse_socket_dump(recorded(1), list).ok());
  ASSERT_EQ(list.sockets.size(), 1U);
  EXPECT_FALSE(list.sockets[0].both_families);
}

TEST(SocketDump, EndsWhereTheKernelSaysSo) {
  SocketList list;
  const auto step = parse_socket_dump(recorded(0) + kDone + recorded(1), list);
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(*step, netlink::Step::kDone);
  EXPECT_EQ(list.sockets.size(), 1U);
}

TEST(SocketDump, SaysTheKernelsError) {
  SocketList list;
  std::string error("\x24\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 16);
  error += std::string("\xfe\xff\xff\xff", 4) + std::string(16, '\0');
  const auto step = parse_socket_dump(error, list);
  ASSERT_FALSE(step.ok());
  EXPECT_THAT(std::string(step.status().message()), HasSubstr("No such file"));
}

// A dump that fails on its way says so at its end: what was listed is not all.
TEST(SocketDump, SaysTheErrorThatItEndsWith) {
  SocketList list;
  std::string ended = kDone;
  ended.replace(16, 4, "\xfe\xff\xff\xff", 4);
  const auto step = parse_socket_dump(recorded(0) + ended, list);
  ASSERT_FALSE(step.ok());
  EXPECT_THAT(std::string(step.status().message()), HasSubstr("No such file"));
}

// A socket that is connected is none that listens, whatever was asked for.
TEST(SocketDump, LeavesOutWhatDoesNotListen) {
  SocketList list;
  std::string connected = recorded(0);
  connected[17] = 1;
  ASSERT_TRUE(parse_socket_dump(connected, list).ok());
  EXPECT_THAT(list.sockets, IsEmpty());
}

TEST(SocketDump, TakesNothingThatIsNotWhole) {
  const std::string whole = recorded(0);
  for (size_t size = 1; size < whole.size(); ++size) {
    SocketList list;
    EXPECT_FALSE(parse_socket_dump(std::string_view(whole).substr(0, size), list).ok()) << size;
    EXPECT_THAT(list.sockets, IsEmpty());
  }
}

constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   103        0 "
    "18723 1 0000000000000000 100 0 0 10 0\n"
    "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "18724 1 0000000000000000 100 0 0 10 0\n"
    "   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000   103        0 "
    "18725 1 0000000000000000 100 0 0 10 0\n";

TEST(TcpTable, HasWhatListens) {
  const SocketList list = parse_tcp_table(kTcp, 1 << 16);
  ASSERT_EQ(list.sockets.size(), 2U);
  EXPECT_EQ(list.sockets[0].address, "127.0.0.1");
  EXPECT_EQ(list.sockets[0].port, 8080);
  EXPECT_EQ(list.sockets[0].inode, 18723U);
  EXPECT_EQ(list.sockets[1].address, "0.0.0.0");
  EXPECT_EQ(list.sockets[1].port, 443);
  EXPECT_FALSE(list.cut);
}

TEST(TcpTable, ReadsAddressesOfIpv6) {
  const SocketList list = parse_tcp_table(
      "head\n"
      "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 7 1 0\n"
      "   1: 0000000000000000FFFF00000100007F:0017 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 8 1 0\n",
      1 << 16);
  ASSERT_EQ(list.sockets.size(), 2U);
  EXPECT_EQ(list.sockets[0].address, "::1");
  EXPECT_EQ(list.sockets[1].address, "127.0.0.1");
}

// What listens comes first: a text that was cut is whole where it was cut behind that.
TEST(TcpTable, KnowsThatItWasCut) {
  const size_t second = kTcp.find("   1:");
  const size_t third = kTcp.find("   2:");
  EXPECT_TRUE(parse_tcp_table(kTcp.substr(0, second), second).cut);
  EXPECT_TRUE(parse_tcp_table(kTcp.substr(0, third - 5), third - 5).cut);
  EXPECT_FALSE(parse_tcp_table(kTcp, kTcp.size()).cut);
}

TEST(TcpTable, LeavesOutWhatMakesNoSense) {
  for (const char* const line :
       {"0: 0100007F 0 0A 0 0 0 0 0 1", "0: 0100007F:ZZZZ 0 0A 0 0 0 0 0 1", "0:", "",
        "0: 01007F:1F90 0 0A 0 0 0 0 0 1", "0: 0100007F:1FFFFF 0 0A 0 0 0 0 0 1",
        "0: 0100007F:1F90 0 0A 0 0 0 0 0 x", "0: 0100007F:1F90 0 0A 0 0 0"}) {
    EXPECT_THAT(parse_tcp_table("head\n" + std::string(line) + "\n", 1 << 16).sockets, IsEmpty())
        << line;
  }
}

TEST(KernelSockets, AnyBytesAreSocketsWithAddressesOrAComplaint) {
  std::mt19937 random(20261122);
  const std::string dump = recorded(0) + recorded(1) + kDone;
  for (int i = 0; i < 5000; ++i) {
    SocketList list;
    static_cast<void>(parse_socket_dump(test::damaged(dump, random), list));
    const std::string text = test::damaged(std::string(kTcp), random);
    for (const KernelSocket& socket : parse_tcp_table(text, text.size()).sockets)
      list.add(socket);
    for (const KernelSocket& socket : list.sockets)
      ASSERT_FALSE(socket.address.empty());
  }
}

TEST(SocketList, KeepsNoMoreThanItsBound) {
  SocketList list;
  for (size_t i = 0; i < kMostListed + 3; ++i)
    list.add({.address = "::", .port = 1, .inode = i});
  EXPECT_EQ(list.sockets.size(), kMostListed);
  EXPECT_EQ(list.omitted, 3U);
}

}  // namespace
}  // namespace muster::sockets
