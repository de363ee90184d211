#include "collector/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const std::string& text) {
  return std::string(parse_config(text, "collector.yml").status().message());
}

TEST(CollectorConfig, HasDefaultsForEverything) {
  const auto config = parse_config("{}", "/etc/muster/collector.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->state_directory, "/var/lib/muster-collector");
  EXPECT_THAT(config->grpc_listen, ElementsAre("[::]:8433"));
  EXPECT_THAT(config->http_listen, ElementsAre("[::]:8443"));
  EXPECT_THAT(config->advertise_grpc, ElementsAre("localhost:8433"));
  EXPECT_EQ(config->advertise_http, "localhost:8443");
  EXPECT_EQ(config->agent_certificate_lifetime, std::chrono::days(7));
  EXPECT_EQ(config->reenroll_grace, std::chrono::days(30));
  EXPECT_EQ(config->sync_interval, std::chrono::minutes(1));
  EXPECT_EQ(config->policy, "");
}

TEST(CollectorConfig, ReadsEveryKey) {
  const auto config = parse_config(R"(
state_directory: /srv/muster
grpc_listen: ["192.0.2.1:1", "[2001:db8::1]:2"]
http_listen: ["127.0.0.1:3"]
names: ["2001:db8::1", collector.example.org]
advertise_grpc: ["a.example.org:9", "b.example.org:9"]
advertise_http: "a.example.org:10"
trust_domain: example.org
agent_certificate_lifetime: 2d
reenroll_grace: 0s
sync_interval: 5m
series_per_host: 700
policy: policies/house.yml
inventory: [{file: hosts.csv}, {url: https://a.example.org/hosts, token_file: token}]
web_config_file: /etc/muster/web.yml
log_level: debug
)",
                                   "/etc/muster/collector.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->state_directory, "/srv/muster");
  EXPECT_THAT(config->grpc_listen, ElementsAre("192.0.2.1:1", "[2001:db8::1]:2"));
  EXPECT_THAT(config->advertise_grpc, ElementsAre("a.example.org:9", "b.example.org:9"));
  EXPECT_EQ(config->advertise_http, "a.example.org:10");
  EXPECT_EQ(config->trust_domain, "example.org");
  EXPECT_EQ(config->agent_certificate_lifetime, std::chrono::days(2));
  EXPECT_EQ(config->reenroll_grace, Duration(0));
  EXPECT_EQ(config->series_per_host, 700U);
  EXPECT_EQ(config->policy, "/etc/muster/policies/house.yml");
  ASSERT_EQ(config->inventory.size(), 2U);
  EXPECT_EQ(config->inventory[0].file, "/etc/muster/hosts.csv");
  EXPECT_EQ(config->inventory[1].http->token_file, "/etc/muster/token");
  EXPECT_EQ(config->web_config_file, "/etc/muster/web.yml");
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
}

TEST(CollectorConfig, AdvertisesItsFirstNameInBracketsWhereItMust) {
  const auto config = parse_config("names: ['::1', a.test]\nhttp_listen: ['[::1]:77']\n", "c.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->advertise_grpc, ElementsAre("[::1]:8433"));
  EXPECT_EQ(config->advertise_http, "[::1]:77");
}

TEST(CollectorConfig, SaysWhereAndWhatIsWrong) {
  struct Case {
    const char* text;
    const char* complaint;
  };
  const Case cases[] = {
      {"grpc_listn: []", "collector.yml:1:1: "},
      {"grpc_listn: []", "grpc_listen"},
      {"sync_interval: 60", "collector.yml:1:16: "},
      {"sync_interval: 2h", "collector.yml:1:16: "},
      {"series_per_host: 499", "collector.yml:1:18: "},
      {"series_per_host: 100001", "collector.yml:1:18: "},
      {"series_per_host: many", "collector.yml:1:18: "},
      {"state_directory: relative", "it must be an absolute path"},
      {"grpc_listen: []", "1 to 16 addresses"},
      {"http_listen: ['localhost']", "collector.yml:1:"},
      {"names: []", "1 to 64 names"},
      {"names: ['a b']", "neither a DNS name nor an IP address"},
      {"advertise_grpc: [collector]", "NAME:PORT"},
      {"advertise_http: ':1'", "NAME:PORT"},
      {"trust_domain: Example", "lower-case"},
      {"log_level: loud", "debug"},
      {"policy: a\npolicy: b", "collector.yml:2:1: "},
  };
  for (const Case& one : cases)
    EXPECT_THAT(error_of(one.text), HasSubstr(one.complaint)) << one.text;
}

TEST(CollectorConfig, WhatInitWritesIsWhatItReads) {
  Config config;
  config.state_directory = "/srv/muster";
  config.names = {"collector.example.org", "192.0.2.1"};
  config.grpc_listen = {"[::]:1"};
  config.policy = "policy.yml";
  const auto read = parse_config(config_text(config), "/srv/muster/collector.yml");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->state_directory, config.state_directory);
  EXPECT_EQ(read->names, config.names);
  EXPECT_EQ(read->grpc_listen, config.grpc_listen);
  EXPECT_EQ(read->policy, "/srv/muster/policy.yml");
  EXPECT_EQ(read->advertise_http, "collector.example.org:8443");
}

// What the file that `init` writes says, behind '#', of a key.
absl::StatusOr<Config> example_of(const std::string& key) {
  const std::string text = config_text(Config());
  std::string example = text.substr(text.find("#" + key + ":"));
  example.resize(example.find("\n\n"));
  for (size_t line = 0; line != std::string::npos; line = example.find("\n#", line))
    example.erase(line + (line > 0 ? 1 : 0), 1);
  return parse_config(example, "/etc/muster/collector.yml");
}

TEST(CollectorConfig, ShowsAnInventoryThatCanBeTaken) {
  const auto config = example_of("inventory");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->inventory.size(), 2U);
  EXPECT_EQ(config->inventory[1].http->password_file, "/etc/muster/netbox-password");
}

TEST(CollectorConfig, ShowsTargetsThatCanBeTakenAndAreAsIfNothingWereSaid) {
  const auto config = example_of("targets");
  ASSERT_TRUE(config.ok()) << config.status();
  const TargetsConfig& targets = config->targets;
  EXPECT_THAT(targets.files, ElementsAre("/etc/muster/targets.d/*.yml"));
  ASSERT_EQ(targets.servers.size(), 1U);
  const TargetServer usual;
  EXPECT_EQ(targets.servers[0].interval, usual.interval);
  EXPECT_EQ(targets.servers[0].usual.interval, usual.usual.interval);
  EXPECT_EQ(targets.servers[0].usual.timeout, usual.usual.timeout);
  EXPECT_EQ(targets.agents.size(), 1U);
  EXPECT_EQ(targets.lease, TargetsConfig().lease);
  EXPECT_EQ(targets.site_label, TargetsConfig().site_label);
  EXPECT_EQ(targets.weight_label, TargetsConfig().weight_label);
}

TEST(CollectorConfig, IsTheGivenFileElseTheSystemsElseTheOneThatInitMakes) {
  const std::string system = "/etc/muster/collector.yml";
  const std::string init = "/var/lib/muster-collector/collector.yml";
  struct Case {
    std::string given;
    std::set<std::string> present;
    std::string chosen;
  };
  const Case cases[] = {
      {"", {system}, system},
      {"", {system, init}, system},
      {"", {init}, init},
      // Whether the given one is there is for reading to say.
      {"mine.yml", {system, init}, "mine.yml"},
      {"mine.yml", {}, "mine.yml"},
  };
  for (const Case& one : cases) {
    const auto is_absent = [&one](const std::string& path) { return !one.present.contains(path); };
    const auto path = choose_config(one.given, is_absent);
    ASSERT_TRUE(path.ok()) << path.status();
    EXPECT_EQ(*path, one.chosen);
  }
}

TEST(CollectorConfig, InNoUsualPlaceSaysWhereItLookedAndHowToMakeOne) {
  const absl::Status status = choose_config("", [](const std::string&) { return true; }).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  for (const char* part : {"/etc/muster/collector.yml", "/var/lib/muster-collector/collector.yml",
                           "muster-collector init --state-directory /var/lib/muster-collector"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(part));
  }
}

TEST(CollectorConfig, AFileThatIsNotThereIsAbsentAndADirectoryIsNot) {
  EXPECT_TRUE(is_absent_file("/nonexistent/collector.yml"));
  EXPECT_TRUE(is_absent_file("/dev/null/collector.yml"));
  EXPECT_FALSE(is_absent_file("/"));
}

TEST(CollectorConfig, ACredentialIsNoPathBesideTheFileAndIsFoundInTheCredentialsDirectory) {
  absl::StatusOr<Config> config =
      parse_config("policy: credential:policy\nweb_config_file: web.yml\n", "/etc/muster/c.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->policy, "credential:policy");
  Config nowhere = *config;
  EXPECT_THAT(std::string(use_credentials(nowhere, "").message()),
              HasSubstr("LoadCredential=policy:"));
  ASSERT_TRUE(use_credentials(*config, "/run/credentials/c").ok());
  EXPECT_EQ(config->policy, "/run/credentials/c/policy");
  EXPECT_EQ(config->web_config_file, "/etc/muster/web.yml");
}

TEST(CollectorConfig, TheFilesOfAnIdentityMayBeCredentialsToo) {
  absl::StatusOr<Config> config = parse_config(
      "agent_identity: {ca_file: 'credential:ca', certificate_file: server.pem, "
      "key_file: 'credential:key', host_id: {from: dns, pattern: '{id}.example.org'}}\n",
      "/etc/muster/c.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(use_credentials(*config, "/run/credentials/c").ok());
  EXPECT_EQ(config->agent_identity->ca_file, "/run/credentials/c/ca");
  EXPECT_EQ(config->agent_identity->certificate_file, "/etc/muster/server.pem");
  EXPECT_EQ(config->agent_identity->key_file, "/run/credentials/c/key");
}

TEST(CollectorConfig, TheFilesOfAnInventoryMayBeCredentialsToo) {
  absl::StatusOr<Config> config = parse_config(
      "inventory: [{file: 'credential:hosts.csv'}, {url: https://a.example.org, username: muster, "
      "password_file: 'credential:password', ca_file: ca.pem}]\n",
      "/etc/muster/c.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(use_credentials(*config, "/run/credentials/c").ok());
  EXPECT_EQ(config->inventory[0].file, "/run/credentials/c/hosts.csv");
  EXPECT_EQ(config->inventory[0].name, "credential:hosts.csv");
  EXPECT_EQ(config->inventory[1].http->password_file, "/run/credentials/c/password");
  EXPECT_EQ(config->inventory[1].http->ca_file, "/etc/muster/ca.pem");
}

TEST(CollectorConfig, TheFilesOfTargetsMayBeCredentialsToo) {
  absl::StatusOr<Config> config = parse_config(
      "targets: {files: ['credential:targets.yml', a.yml], agents: {role: [monitor]}, servers: "
      "[{url: https://a.example.org, token_file: 'credential:token'}]}\n",
      "/etc/muster/c.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(use_credentials(*config, "/run/credentials/c").ok());
  EXPECT_THAT(config->targets.files,
              ElementsAre("/run/credentials/c/targets.yml", "/etc/muster/a.yml"));
  EXPECT_EQ(config->targets.servers[0].http.token_file, "/run/credentials/c/token");
}

TEST(CollectorConfig, AMissingFileSaysHowToMakeOne) {
  const absl::Status status = load_config("/nonexistent/collector.yml").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("muster-collector init"));
}

TEST(CollectorConfig, ReadsTheRuleOfASitesOwnCa) {
  const auto config = parse_config(R"(
agent_identity:
  ca_file: agents.pem
  certificate_file: /etc/ssl/server.pem
  key_file: server.key
  host_id: {from: dns, pattern: "{id}.servers.example.org"}
)",
                                   "/etc/muster/collector.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->agent_identity.has_value());
  EXPECT_EQ(config->agent_identity->ca_file, "/etc/muster/agents.pem");
  EXPECT_EQ(config->agent_identity->certificate_file, "/etc/ssl/server.pem");
  EXPECT_EQ(config->agent_identity->key_file, "/etc/muster/server.key");
  EXPECT_TRUE(config->agent_identity->names.is_of_others());
  EXPECT_THAT(std::string(check_agent_identity(*config).message()), HasSubstr("agents.pem"));
  EXPECT_TRUE(check_agent_identity(*parse_config("{}", "collector.yml")).ok());
}

TEST(CollectorConfig, SaysWhatIsWrongWithTheRuleOfASitesOwnCa) {
  const std::map<std::string, std::string> cases = {
      {"agent_identity: {host_id: {from: cn, pattern: \"{id}\"}}", "ca_file"},
      {"agent_identity: {ca_file: a}", "host_id"},
      {"agent_identity: {ca_file: a, host_id: {pattern: \"{id}\"}}", "from"},
      {"agent_identity: {ca_file: a, host_id: {from: uri, pattern: \"{id}\"}}", "spiffe"},
      {"agent_identity: {ca_file: a, host_id: {from: dns}}", "{id} once"},
      {"agent_identity: {ca_file: a, host_id: {from: dns, pattern: \"*.{id}\"}}", "no name has"},
      {"agent_identity: {ca_file: a, key_file: b, host_id: {from: cn, pattern: \"{id}\"}}",
       "belong together"},
  };
  for (const auto& [text, says] : cases)
    EXPECT_THAT(error_of(text), HasSubstr(says)) << text;
}

}  // namespace
}  // namespace muster::collector
