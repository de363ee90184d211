#include "collector/http/address.h"

#include <gtest/gtest.h>

#include <vector>

namespace muster::collector::http {
namespace {

TEST(Address, ReadsWhatToListenOn) {
  struct Row {
    const char* text;
    const char* host;
    int port;
    bool is_v6;
  };
  for (const Row& row : std::vector<Row>{{"127.0.0.1:8443", "127.0.0.1", 8443, false},
                                         {"0.0.0.0:0", "0.0.0.0", 0, false},
                                         {"[::]:65535", "::", 65535, true},
                                         {"[fe80::1%eth0]:1", "fe80::1%eth0", 1, true}}) {
    const absl::StatusOr<ListenAddress> address = parse_listen_address(row.text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->host, row.host);
    EXPECT_EQ(address->port, row.port);
    EXPECT_EQ(address->is_v6, row.is_v6);
  }
  for (const char* text :
       {"", "8443", ":8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1:99999999999", "::1:8443", "[::1]", "[127.0.0.1]:1", "[]:1",
        "localhost:8443", "1.2.3:4", "[::1:1"}) {
    EXPECT_EQ(parse_listen_address(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(Address, KnowsWhoIsOnThisMachine) {
  for (const char* text : {"127.0.0.1", "127.0.0.2", "127.255.255.255", "::1", "::ffff:127.0.0.1",
                           "0:0:0:0:0:0:0:1", "::ffff:7f00:1"}) {
    EXPECT_TRUE(is_loopback_address(text)) << text;
  }
  for (const char* text : {"", "unix", "192.0.2.1", "128.0.0.1", "126.255.255.255", "::", "::2",
                           "::ffff:192.0.2.1", "fe80::1", "127.0.0.1.example.org", "::127.0.0.1"}) {
    EXPECT_FALSE(is_loopback_address(text)) << text;
  }
}

TEST(Address, CountsAnIpv6NetworkAsOne) {
  EXPECT_EQ(address_block("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_block("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_block("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_block("2001:db8:1:2:ffff::1"), address_block("2001:db8:1:2::1"));
  EXPECT_NE(address_block("2001:db8:1:3::1"), address_block("2001:db8:1:2::1"));
  EXPECT_EQ(address_block("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(address_block("unix"), "unix");
}

}  // namespace
}  // namespace muster::collector::http
