#include "agent/looking/probe_requests.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/targets_settings.h"
#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"
#include "agent/output/status_text.h"
#include "common/targets/target_rules.h"

namespace muster::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Config config_of(const std::string& text) {
  absl::StatusOr<Config> config = parse_config("collectors: ['c:1']\n" + text, "agent.yml");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *std::move(config) : Config();
}

v1::TargetRules tcp_rules(const std::string& text) {
  return target_rules(config_of(text), "tcp", TargetReach::kConfigured);
}

TEST(TargetRules, AreWhatRootAllows) {
  const v1::TargetRules rules = tcp_rules(R"(targets:
  allow:
    - {networks: [192.0.2.0/24, '2001:db8::/32', 198.51.100.7], ports: [443, 8443], kinds: [tcp]}
    - {names: ['*.example.org', www.example.net], ports: [25]}
  own:
    - {name: postgresql, kind: tcp, address: '127.0.0.1:5432'}
  looks_per_second: 50
  looks_per_address_per_second: 2
)");
  ASSERT_THAT(rules.allow(), SizeIs(2));
  EXPECT_THAT(rules.allow(0).networks(),
              ElementsAre("192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"));
  EXPECT_THAT(rules.allow(0).names(), IsEmpty());
  EXPECT_THAT(rules.allow(0).ports(), ElementsAre(443, 8443));
  EXPECT_THAT(rules.allow(0).kinds(), ElementsAre("tcp"));
  EXPECT_THAT(rules.allow(1).names(), ElementsAre("*.example.org", "www.example.net"));
  EXPECT_THAT(rules.allow(1).kinds(), IsEmpty());
  EXPECT_THAT(rules.own(), ElementsAre("127.0.0.1:5432"));
  EXPECT_FALSE(rules.anywhere());
  EXPECT_EQ(rules.per_second(), 50);
  EXPECT_EQ(rules.per_address_per_second(), 2);
}

TEST(TargetRules, OfTlsHaveProxiesAndTheAddressesThatAreDialled) {
  const v1::TargetRules rules = target_rules(config_of(R"(targets:
  allow:
    - {names: ['*.example.org'], ports: [443], kinds: [tls], proxy: 'proxy.example.net:3128'}
    - {names: [mx.example.net], ports: [25], kinds: [tls]}
  own:
    - {name: mail, kind: tls, address: '127.0.0.1:25/mx.example.org starttls=smtp'}
)"),
                                             "tls", TargetReach::kConfigured);
  ASSERT_THAT(rules.allow(), SizeIs(2));
  EXPECT_EQ(rules.allow(0).proxy(), "proxy.example.net:3128");
  EXPECT_EQ(rules.allow(1).proxy(), "");
  EXPECT_THAT(rules.own(), ElementsAre("127.0.0.1:25"));
}

TEST(TargetRules, AreNowhereByDefaultAndAnywhereOnlyByHand) {
  const v1::TargetRules rules = tcp_rules("");
  EXPECT_THAT(rules.allow(), IsEmpty());
  EXPECT_THAT(rules.own(), IsEmpty());
  EXPECT_FALSE(rules.anywhere());
  EXPECT_EQ(rules.per_second(), 100);
  EXPECT_TRUE(target_rules(default_probe_config(), "tcp", TargetReach::kAnywhere).anywhere());
}

TEST(TargetRules, OfAnotherProbeAreNotGiven) {
  Config config = config_of(
      "targets: {allow: [{names: [a.org], ports: [1]}], own: [{name: x, kind: tcp, address: "
      "'b:2'}]}");
  config.allowed_targets.push_back(
      {.networks = {}, .names = {"c.org"}, .ports = {3}, .kinds = {"bmc"}});
  const v1::TargetRules tcp = target_rules(config, "tcp", TargetReach::kConfigured);
  ASSERT_THAT(tcp.allow(), SizeIs(1));
  EXPECT_THAT(tcp.allow(0).names(), ElementsAre("a.org"));
  const v1::TargetRules other = target_rules(config, "bmc", TargetReach::kConfigured);
  ASSERT_THAT(other.allow(), SizeIs(1)) << "an entry without kinds is for all of them";
  EXPECT_THAT(other.allow(0).names(), ElementsAre("a.org"));
  EXPECT_THAT(other.own(), IsEmpty());
}

// An allow list of `entries`, each with this many of everything.
std::string allow_list(size_t entries, size_t values) {
  std::string text = "targets:\n  allow:\n";
  for (size_t entry = 0; entry < entries; ++entry) {
    std::string names;
    std::string networks;
    std::string ports;
    for (size_t value = 0; value < values; ++value) {
      names += fmt::format("'*.site-{}-{}.monitored.example.org', ", entry, value);
      networks += fmt::format("'2001:db8:{:x}:{:x}::/64', ", entry, value);
      ports += fmt::format("{}, ", 10000 + value);
    }
    text += fmt::format("    - {{names: [{}], networks: [{}], ports: [{}], kinds: [tcp]}}\n", names,
                        networks, ports);
  }
  return text;
}

const ProbeOrders& orders_of(const RequestTable& table, std::string_view probe) {
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (all_probes()[i].name == probe) return table.rows.at(i);
  }
  ADD_FAILURE() << "there is no probe " << probe;
  return table.rows.front();
}

TEST(ProbeRequests, OnlyProbesOfTheNetworkAreGivenRules) {
  const auto bytes = probe_requests(config_of("targets: {looks_per_second: 7}"), "/");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto table = parse_request_table(*bytes, all_probes().size());
  ASSERT_TRUE(table);
  for (size_t i = 0; i < all_probes().size(); ++i) {
    v1::ProbeRequest request;
    ASSERT_TRUE(request.ParseFromString(table->rows[i].request));
    const bool has_network = all_probes()[i].sandbox.reach == SandboxDeclaration::Reach::kNetwork;
    EXPECT_EQ(request.has_target_rules(), has_network);
    // What is given sections of this host dials this host.
    EXPECT_EQ(request.target_rules().own_host_only(),
              has_network && !looks_at_targets(all_probes()[i]));
    EXPECT_EQ(request.target_rules().per_second(), looks_at_targets(all_probes()[i]) ? 7 : 0);
    EXPECT_EQ(request.root(), "/");
  }
}

TEST(ProbeRequests, HoldTheLargestAllowListAndSayWhereOneIsTooLong) {
  const Config largest = config_of(allow_list(kMostAllowedEntries, 10));
  const auto bytes = probe_requests(largest, "/");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto table = parse_request_table(*bytes, all_probes().size());
  ASSERT_TRUE(table);
  EXPECT_GT(orders_of(*table, "tcp").request.size(), 500'000U);

  Config too_long = largest;
  for (AllowedTargets& allowed : too_long.allowed_targets)
    allowed.names.resize(30, std::string(60, 'a'));
  EXPECT_THAT(text_of(probe_requests(too_long, "/").status()),
              HasSubstr("at most 1048576 are taken: shorten targets.allow"));
}

// A run whose last look takes as long as any may must not be ended before.
TEST(ProbeRequests, ARunOverTargetsMayTakeLongerThanTheLongestLook) {
  for (const ProbeRow& row : all_probes()) {
    if (!looks_at_targets(row)) continue;
    constexpr Duration kLongestWindow = std::chrono::minutes(1);
    EXPECT_GT(row.timeout, 2 * kLongestWindow + kLongestLook) << row.name;
  }
}

}  // namespace
}  // namespace muster::agent
