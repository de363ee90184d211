#include "agent/targets/global_addresses.h"

#include <gtest/gtest.h>

namespace muster::agent {
namespace {

bool global(const std::string& text) {
  return is_globally_routable(boost::asio::ip::make_address(text));
}

// The first and last address of each block that is not the internet's, and its neighbours, where
// they are.
struct Edges {
  const char* before;
  const char* first;
  const char* last;
  const char* after;
};

TEST(GlobalAddresses, EndExactlyWhereASpecialBlockBegins) {
  const Edges blocks[] = {
      {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9"},
      {"192.0.0.10", "192.0.0.11", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "255.255.255.255", nullptr},
      {nullptr, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1::", "2001:1::1"},
      {"2001:1::3", "2001:1::4", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff", "2001:3::"},
      {"2001:3:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4::", "2001:4:111:ffff:ffff:ffff:ffff:ffff",
       "2001:4:112::"},
      {"2001:4:112:ffff:ffff:ffff:ffff:ffff",
       "2001:4:113::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
       "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
      {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
  };
  for (const Edges& block : blocks) {
    EXPECT_TRUE(block.before == nullptr || global(block.before)) << block.before;
    EXPECT_FALSE(global(block.first)) << block.first;
    EXPECT_FALSE(global(block.last)) << block.last;
    EXPECT_TRUE(block.after == nullptr || global(block.after)) << block.after;
  }
}

TEST(GlobalAddresses, AnIpv4AddressInsideAnIpv6OneCounts) {
  EXPECT_TRUE(global("::ffff:93.184.216.34"));
  EXPECT_FALSE(global("::ffff:127.0.0.1"));
  EXPECT_TRUE(global("64:ff9b::93.184.216.34"));
  EXPECT_FALSE(global("64:ff9b::127.0.0.1"));
  EXPECT_FALSE(global("64:ff9b::169.254.169.254"));
  // Of a site's own translation.
  EXPECT_FALSE(global("64:ff9b:1::93.184.216.34"));
  // Deprecated, and of tunnels.
  EXPECT_FALSE(global("::93.184.216.34"));
  EXPECT_FALSE(global("2002:7f00:1::1"));
  EXPECT_FALSE(global("2001:0:7f00:1::1"));
}

TEST(GlobalAddresses, AreNoneOfMetadataServicesAndNoneWithAZone) {
  for (const char* text : {"169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
                           "fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe", "2600::1%2"}) {
    EXPECT_FALSE(global(text)) << text;
  }
  EXPECT_TRUE(global("2600::1"));
}

}  // namespace
}  // namespace muster::agent
