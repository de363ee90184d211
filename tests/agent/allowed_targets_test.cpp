#include "agent/targets/allowed_targets.h"

#include <gtest/gtest.h>

#include <random>

#include "agent/config/config.h"

namespace muster::agent {
namespace {

std::vector<AllowedTargets> list_of(const std::string& allow) {
  const absl::StatusOr<Config> config =
      parse_config("collectors: ['c:1']\ntargets:\n  allow:\n" + allow, "agent.yml");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? config->allowed_targets : std::vector<AllowedTargets>();
}

bool allows(const std::vector<AllowedTargets>& list, const std::string& host, uint16_t port) {
  return is_allowed(list, {.host = host, .port = port}, "tcp");
}

TEST(AllowedTargets, AreNoneUnlessTheConfigurationSaysSo) {
  const absl::StatusOr<Config> config = parse_config("collectors: ['c:1']\n", "agent.yml");
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->allowed_targets.empty());
  EXPECT_FALSE(allows(config->allowed_targets, "127.0.0.1", 443));
}

TEST(AllowedTargets, AreThoseInANetworkOnAPortOfTheSameEntry) {
  const auto list = list_of(
      "    - {networks: ['192.0.2.0/24', '2001:db8::/32'], ports: [443, 8443]}\n"
      "    - {networks: [10.1.2.3], ports: [22]}\n");
  EXPECT_TRUE(allows(list, "192.0.2.0", 443));
  EXPECT_TRUE(allows(list, "192.0.2.255", 8443));
  EXPECT_TRUE(allows(list, "2001:db8::1", 443));
  EXPECT_TRUE(allows(list, "10.1.2.3", 22));
  EXPECT_FALSE(allows(list, "192.0.3.0", 443));
  EXPECT_FALSE(allows(list, "192.0.2.1", 22));
  EXPECT_FALSE(allows(list, "10.1.2.3", 443));
  EXPECT_FALSE(allows(list, "10.1.2.4", 22));
  EXPECT_FALSE(allows(list, "2001:db9::1", 443));
}

TEST(AllowedTargets, AreThoseWhoseNameIsListedOrBelowAListedOne) {
  const auto list =
      list_of("    - {names: [www.example.org, '*.Internal.Example.org'], ports: [443]}\n");
  EXPECT_TRUE(allows(list, "www.example.org", 443));
  EXPECT_TRUE(allows(list, "WWW.example.ORG.", 443));
  EXPECT_TRUE(allows(list, "a.b.internal.example.org", 443));
  EXPECT_FALSE(allows(list, "internal.example.org", 443));
  EXPECT_FALSE(allows(list, "evilinternal.example.org", 443));
  EXPECT_FALSE(allows(list, "www.example.org.evil.net", 443));
  EXPECT_FALSE(allows(list, "*.internal.example.org", 443));
}

TEST(AllowedTargets, AnAddressInOtherClothesIsThatAddress) {
  const auto list =
      list_of("    - {networks: ['0.0.0.0/0'], names: ['*.example.org'], ports: [443]}\n");
  EXPECT_TRUE(allows(list, "::ffff:192.0.2.1", 443));
  const auto lan = list_of("    - {networks: ['192.0.2.0/24', 'fe80::/10'], ports: [443]}\n");
  EXPECT_FALSE(allows(lan, "::ffff:127.0.0.1", 443));
  EXPECT_FALSE(allows(lan, "fe80::1%eth0", 443));
  // What some resolvers take for an address is neither an address nor a name here.
  for (const char* host : {"127.1", "0x7f.0.0.1", "2130706433", "017700000001", "", ".",
                           "192.0.2.1.", "192.0.2.1 ", "192.0.2.1/24", "a..example.org", "[::1]"}) {
    EXPECT_FALSE(allows(list, host, 443)) << host;
  }
}

TEST(AllowedTargets, ARandomAddressIsAllowedExactlyWhereItsBitsAre) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 2000; ++round) {
    const unsigned bits = random() % 33;
    const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
    const uint32_t network = random() & mask;
    // Near the network as often as anywhere.
    const uint32_t address = random() % 2 == 0 ? (network | (random() & ~mask)) : random();
    const auto text = [](uint32_t v) { return boost::asio::ip::address_v4(v).to_string(); };
    const auto parsed = parse_network(text(network) + "/" + std::to_string(bits));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const std::vector<AllowedTargets> list{{.networks = {*parsed}, .names = {}, .ports = {1}}};
    EXPECT_EQ(allows(list, text(address), 1), (address & mask) == network)
        << text(address) << " in " << text(network) << "/" << bits;
  }
}

TEST(AllowedTargets, AreOfTheKindsOfTheirEntryAndOfEveryKindWhereItNamesNone) {
  const std::vector<AllowedTargets> list{
      {.networks = {*parse_network("192.0.2.0/24")}, .names = {}, .ports = {443}, .kinds = {"tls"}},
      {.networks = {}, .names = {"www.example.org"}, .ports = {443}, .kinds = {"tls", "tcp"}},
      {.networks = {*parse_network("10.0.0.0/8")}, .names = {}, .ports = {22}, .kinds = {}}};
  EXPECT_TRUE(is_allowed(list, {.host = "192.0.2.1", .port = 443}, "tls"));
  EXPECT_FALSE(is_allowed(list, {.host = "192.0.2.1", .port = 443}, "tcp"));
  EXPECT_TRUE(is_allowed(list, {.host = "www.example.org", .port = 443}, "tcp"));
  EXPECT_FALSE(is_allowed(list, {.host = "www.example.org", .port = 443}, "snmp"));
  EXPECT_TRUE(is_allowed(list, {.host = "10.1.2.3", .port = 22}, "anything"));
  EXPECT_FALSE(is_allowed(list, {.host = "10.1.2.3", .port = 0}, "tcp"));
}

TEST(AllowedTargets, OfADomainAreThoseOfEntriesThatNameItsKind) {
  const std::vector<AllowedTargets> list{
      {.networks = {}, .names = {"*.example.org", "example.org"}, .ports = {}, .kinds = {"domain"}},
      {.networks = {}, .names = {"example.net"}, .ports = {443}, .kinds = {}},
      {.networks = {*parse_network("10.0.0.0/8")}, .names = {}, .ports = {53}, .kinds = {"zone"}}};
  EXPECT_TRUE(is_allowed(list, {.host = "example.org", .port = 0}, "domain"));
  EXPECT_TRUE(is_allowed(list, {.host = "a.example.org", .port = 0}, "domain"));
  EXPECT_FALSE(is_allowed(list, {.host = "example.org", .port = 0}, "zone"));
  EXPECT_FALSE(is_allowed(list, {.host = "example.org", .port = 443}, "domain"));
  EXPECT_FALSE(is_allowed(list, {.host = "example.org", .port = 443}, "tls"));
  // An entry of every kind was written for what is dialled.
  EXPECT_FALSE(is_allowed(list, {.host = "example.net", .port = 0}, "domain"));
  // Servers: everybody's, and those of networks of the kind, at its ports.
  const auto at = [](const char* text) { return boost::asio::ip::make_address(text); };
  EXPECT_TRUE(may_ask_server(list, at("8.8.8.8"), 53, "zone"));
  EXPECT_TRUE(may_ask_server(list, at("10.1.2.3"), 53, "zone"));
  EXPECT_FALSE(may_ask_server(list, at("10.1.2.3"), 443, "zone"));
  EXPECT_FALSE(may_ask_server(list, at("10.1.2.3"), 53, "domain"));
  EXPECT_FALSE(may_ask_server(list, at("127.0.0.1"), 53, "zone"));
  EXPECT_FALSE(may_ask_server(list, at("169.254.169.254"), 80, "domain"));
}

TEST(AllowedTargets, OfDomainsNeedNoPorts) {
  const auto config = parse_config(
      "collectors: ['c:1']\ntargets:\n  allow:\n"
      "    - {names: [example.org], kinds: [domain, zone, lookalikes]}\n",
      "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(is_allowed(config->allowed_targets, {.host = "example.org", .port = 0}, "zone"));
}

struct Lead {
  const char* target;
  uint16_t port;
  const char* address;
  bool may;
};

TEST(AllowedTargets, ANameLeadsToTheInternetAndIntoNetworksThatAreAllowedAndNowhereElse) {
  const std::vector<AllowedTargets> list{
      {.networks = {}, .names = {"www.example.org"}, .ports = {443, 22}, .kinds = {"tcp"}},
      {.networks = {*parse_network("10.1.0.0/16"), *parse_network("fd00:1::/32")},
       .names = {},
       .ports = {443},
       .kinds = {"tcp"}},
      {.networks = {*parse_network("10.2.0.0/16")}, .names = {}, .ports = {443}, .kinds = {"tls"}}};
  const Lead leads[] = {
      {"www.example.org", 443, "93.184.216.34", true},
      {"www.example.org", 443, "2606:2800:220:1::1", true},
      {"www.example.org", 443, "10.1.2.3", true},
      {"www.example.org", 443, "::ffff:10.1.2.3", true},
      {"www.example.org", 443, "fd00:1::7", true},
      // Allowed, but on another port or for another kind.
      {"www.example.org", 22, "10.1.2.3", false},
      {"www.example.org", 443, "10.2.0.1", false},
      {"www.example.org", 443, "127.0.0.1", false},
      {"www.example.org", 443, "::1", false},
      {"www.example.org", 443, "::ffff:127.0.0.1", false},
      {"www.example.org", 443, "169.254.169.254", false},
      {"www.example.org", 443, "fe80::1%2", false},
      {"www.example.org", 443, "fd00:2::7", false},
      {"www.example.org", 443, "0.0.0.0", false},
      // A name that is not listed leads nowhere.
      {"other.example.org", 443, "93.184.216.34", false},
      {"other.example.org", 443, "10.1.2.3", false},
      {"www.example.org", 80, "93.184.216.34", false},
      // An address leads to itself.
      {"10.1.2.3", 443, "10.1.2.3", true},
      {"10.1.2.3", 443, "10.1.2.4", false},
      {"10.3.0.1", 443, "10.3.0.1", false},
  };
  for (const Lead& lead : leads) {
    EXPECT_EQ(may_lead_to(list, {.host = lead.target, .port = lead.port},
                          boost::asio::ip::make_address(lead.address), "tcp"),
              lead.may)
        << lead.target << ':' << lead.port << " to " << lead.address;
  }
}

TEST(AllowedTargets, ANameThatIsReachedThroughAProxyLeadsNowhereItself) {
  const auto list = list_of(
      "    - {names: [direct.example.org], ports: [443]}\n"
      "    - {names: ['*.example.org'], ports: [443], kinds: [tls], proxy: 'p.example:3128'}\n"
      "    - {networks: [192.0.2.0/24], ports: [443]}\n");
  const auto address = boost::asio::ip::make_address("8.8.8.8");
  const auto proxy = [&](const std::string& host, uint16_t port, std::string_view kind) {
    const Address* found = proxy_of(list, {.host = host, .port = port}, kind);
    return found == nullptr ? "" : found->text();
  };
  EXPECT_EQ(proxy("WWW.example.org", 443, "tls"), "p.example:3128");
  EXPECT_TRUE(is_allowed(list, {.host = "www.example.org", .port = 443}, "tls"));
  EXPECT_FALSE(may_lead_to(list, {.host = "www.example.org", .port = 443}, address, "tls"));
  EXPECT_EQ(proxy("direct.example.org", 443, "tls"), "") << "an entry before it lists the name";
  EXPECT_TRUE(may_lead_to(list, {.host = "direct.example.org", .port = 443}, address, "tls"));
  EXPECT_EQ(proxy("www.example.org", 444, "tls"), "");
  EXPECT_EQ(proxy("www.example.org", 443, "tcp"), "");
  EXPECT_FALSE(is_allowed(list, {.host = "www.example.org", .port = 443}, "tcp"));
  EXPECT_EQ(proxy("192.0.2.7", 443, "tls"), "");
}

TEST(AllowedTargets, AWrongEntryIsRefusedWithItsPlaceAndWhatToWrite) {
  const struct {
    const char* entry;
    const char* complaint;
  } cases[] = {
      {"{networks: [192.0.2.1/24], ports: [443]}", "'192.0.2.1/24' has host bits"},
      {"{networks: [192.0.2.0/33], ports: [443]}", "'192.0.2.0/33' is not a network"},
      {"{networks: ['fe80::1%eth0'], ports: [443]}", "is not a network"},
      {"{networks: [www.example.org], ports: [443]}", "is not a network"},
      {"{names: ['www.*.org'], ports: [443]}", "is not a name"},
      {"{names: [192.0.2.1], ports: [443]}", "addresses belong into networks"},
      {"{names: ['*'], ports: [443]}", "is not a name"},
      {"{names: [www.example.org], ports: [0]}", "from 1 to 65535"},
      {"{names: [www.example.org], ports: [443x]}", "from 1 to 65535"},
      {"{names: [www.example.org], ports: []}", "'ports'"},
      {"{names: [www.example.org]}", "'ports'"},
      {"{names: [www.example.org], kinds: [domain, tls]}", "'ports'"},
      {"{names: [www.example.org], kinds: [domain], ports: []}", "'ports'"},
      {"{ports: [443]}", "names or networks"},
      {"{name: [www.example.org], ports: [443]}", "names"},
  };
  for (const auto& [entry, complaint] : cases) {
    const auto config = parse_config(
        "collectors: ['c:1']\ntargets:\n  allow:\n    - " + std::string(entry) + "\n", "agent.yml");
    ASSERT_FALSE(config.ok()) << entry;
    const std::string said(config.status().message());
    EXPECT_NE(said.find(complaint), std::string::npos) << said;
    EXPECT_NE(said.find("agent.yml:4:"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace muster::agent
