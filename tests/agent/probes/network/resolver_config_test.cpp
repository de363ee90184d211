#include "agent/probes/network/resolver_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::network_probe {
namespace {

using boost::asio::ip::make_address;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ResolverConfig, IsWhatAUsualFileSays) {
  const ResolverConfig config = parse_resolver_config(
      "# made by a tool\n"
      "; nameserver 192.0.2.99\n"
      "domain old.example.org\n"
      "nameserver 192.0.2.53\n"
      "nameserver\t2001:db8::53   \r\n"
      "search example.org. Corp.Example.org\n"
      "options timeout:3 attempts:4 rotate edns0 use-vc ndots:5 trust-ad\n");
  EXPECT_THAT(config.servers,
              ElementsAre(ResolverConfig::Server{make_address("192.0.2.53"), ""},
                          ResolverConfig::Server{make_address("2001:db8::53"), ""}));
  EXPECT_THAT(config.search, ElementsAre("example.org", "corp.example.org"));
  EXPECT_EQ(config.timeout_seconds, 3);
  EXPECT_EQ(config.attempts, 4);
  EXPECT_TRUE(config.rotate);
  EXPECT_TRUE(config.edns);
  EXPECT_TRUE(config.tcp);
}

TEST(ResolverConfig, OfAnEmptyFileIsLibcsDefaultsWithoutAServer) {
  const ResolverConfig config = parse_resolver_config("");
  EXPECT_THAT(config.servers, IsEmpty());
  EXPECT_THAT(config.search, IsEmpty());
  EXPECT_EQ(config.timeout_seconds, 5);
  EXPECT_EQ(config.attempts, 2);
  EXPECT_FALSE(config.rotate);
}

TEST(ResolverConfig, KeepsTheZoneOfALinkLocalServer) {
  EXPECT_THAT(parse_resolver_config("nameserver fe80::1%eth0\nnameserver 192.0.2.1%eth0\n").servers,
              ElementsAre(ResolverConfig::Server{make_address("fe80::1"), "eth0"}));
}

TEST(ResolverConfig, TakesAtMostThreeServersAndThirtyTwoDomains) {
  std::string text;
  for (int i = 1; i < 9; ++i)
    text += "nameserver 192.0.2." + std::to_string(i) + "\n";
  text += "search";
  for (int i = 0; i < 100; ++i)
    text += " d" + std::to_string(i) + ".example.org";
  const ResolverConfig config = parse_resolver_config(text);
  EXPECT_THAT(config.servers, SizeIs(3));
  EXPECT_THAT(config.search, SizeIs(32));
}

TEST(ResolverConfig, WrongLinesCountForNothing) {
  for (const char* text :
       {"nameserver", "nameserver www.example.org", "nameserver 192.0.2", "nameservers 192.0.2.1",
        "options timeout: attempts:x timeout:-4 attempts:99999999999999999999", "search", "options",
        "\n\n\n", "nameserver 192.0.2.1:53", "search \xff\xfe", "domain ."}) {
    const ResolverConfig config = parse_resolver_config(text);
    EXPECT_THAT(config.servers, IsEmpty()) << text;
    EXPECT_THAT(config.search, IsEmpty()) << text;
    EXPECT_EQ(config.timeout_seconds, 5) << text;
    EXPECT_EQ(config.attempts, 2) << text;
  }
}

TEST(ResolverConfig, BoundsItsNumbersAsLibcDoes) {
  const ResolverConfig most = parse_resolver_config("options timeout:1000 attempts:1000\n");
  EXPECT_EQ(most.timeout_seconds, 30);
  EXPECT_EQ(most.attempts, 5);
  const ResolverConfig least = parse_resolver_config("options timeout:0 attempts:0\n");
  EXPECT_EQ(least.timeout_seconds, 1);
  EXPECT_EQ(least.attempts, 1);
}

TEST(HostsFile, HasTheAddressesOfTheNamesThatAreAskedFor) {
  const HostsFile hosts = parse_hosts_file(
      "127.0.0.1 localhost # the host itself\n"
      "#192.0.2.66 db1.example.org\n"
      "192.0.2.7\tDB1.example.org db1 # db2.example.org\n"
      "192.0.2.8 db1\n"
      "192.0.2.7 db1\n"
      "2001:db8::7 db1\n"
      "192.0.2 db1\n"
      "db1 192.0.2.9\n"
      "192.0.2.9 other.example.org",
      {"db1", "db1.example.org", "db2.example.org"});
  EXPECT_THAT(hosts, SizeIs(2));
  EXPECT_THAT(hosts.at("db1"), ElementsAre(make_address("192.0.2.7"), make_address("192.0.2.8"),
                                           make_address("2001:db8::7")));
  EXPECT_THAT(hosts.at("db1.example.org"), ElementsAre(make_address("192.0.2.7")));
}

TEST(HostsFile, HasAtMostSixteenAddressesOfAName) {
  std::string text;
  for (int i = 1; i < 100; ++i)
    text += "192.0.2." + std::to_string(i) + " db1\n";
  EXPECT_THAT(parse_hosts_file(text, {"db1"}).at("db1"), SizeIs(16));
}

}  // namespace
}  // namespace muster::network_probe
