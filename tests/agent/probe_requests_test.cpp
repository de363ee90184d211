#include "agent/looking/probe_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"

namespace muster::agent {
namespace {

using ::testing::ElementsAre;
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

TEST(ProbeRequests, OnlyProbesThatLookAtTargetsAreGivenRules) {
  const auto bytes = probe_requests(config_of("targets: {looks_per_second: 7}"), "/");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto table = parse_request_table(*bytes, all_probes().size());
  ASSERT_TRUE(table);
  for (size_t i = 0; i < all_probes().size(); ++i) {
    v1::ProbeRequest request;
    ASSERT_TRUE(request.ParseFromString(table->rows[i].request));
    EXPECT_EQ(request.has_target_rules(), looks_at_targets(all_probes()[i]));
    EXPECT_EQ(request.target_rules().per_second(), looks_at_targets(all_probes()[i]) ? 7 : 0);
    EXPECT_EQ(request.root(), "/");
  }
}

}  // namespace
}  // namespace muster::agent
