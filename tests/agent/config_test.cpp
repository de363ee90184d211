#include "agent/config/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/looking/probe_list.h"
#include "agent/output/status_text.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string complaints(const std::string& text) {
  const absl::StatusOr<Config> config = parse_config(text, "agent.yml");
  return config.ok() ? "" : std::string(text_of(config.status()));
}

const ProbeConfig& probe(const Config& config, std::string_view name) {
  for (size_t i = 0; i < all_probes().size(); ++i) {
    if (all_probes()[i].name == name) return config.probes[i];
  }
  ADD_FAILURE() << "no probe " << name;
  return config.probes.front();
}

TEST(AgentConfig, NeedsOnlyACollector) {
  const absl::StatusOr<Config> config = parse_config("collectors: ['[::1]:8433']\n", "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->collectors, ElementsAre(Address{"::1", 8433}));
  EXPECT_EQ(config->state_directory, "/var/lib/muster-agent");
  EXPECT_EQ(config->identity.key, "/var/lib/muster-agent/identity.pem");
  EXPECT_EQ(config->identity.certificate, config->identity.key);
  EXPECT_TRUE(config->identity.renewed_by_agent);
  EXPECT_EQ(config->enrolment.host, "");
  EXPECT_EQ(config->sync_interval, 60s);
  EXPECT_EQ(config->proxy.host, "");
  EXPECT_EQ(probe(*config, "host").interval, 1h);
  EXPECT_EQ(probe(*config, "packages-apt").timeout, 120s);
  EXPECT_TRUE(probe(*config, "certificates").enabled);
}

TEST(AgentConfig, SwitchesOnWhatIsOptInWhereTheFileSaysSo) {
  const std::string file = "collectors: ['a:1']\nprobes: {firmware-fwupd: {";
  EXPECT_FALSE(
      probe(*parse_config("collectors: ['a:1']\n", "agent.yml"), "firmware-fwupd").enabled);
  EXPECT_FALSE(
      probe(*parse_config(file + "interval: 1h}}", "agent.yml"), "firmware-fwupd").enabled);
  EXPECT_TRUE(
      probe(*parse_config(file + "enabled: true}}", "agent.yml"), "firmware-fwupd").enabled);
}

TEST(AgentConfig, ReadsEveryKey) {
  const absl::StatusOr<Config> config = parse_config(R"(
collectors: ['a.example.org:8433', '192.0.2.1:8433']
state_directory: /srv/muster
identity: {key: /etc/muster/key.pem}
enrolment: https://a.example.org
sync_interval: 5m
labels: {rack: b12, pets: no}
proxy: http://proxy.example.org:3128
probe_directory: /opt/probes
log_level: debug
probes:
  host: {enabled: false}
  certificates:
    interval: 1h
    timeout: 10s
    paths: [/srv/tls, '/home/*/tls/*.pem']
    default_paths: false
)",
                                                     "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->collectors.size(), 2);
  EXPECT_EQ(config->identity.key, "/etc/muster/key.pem");
  EXPECT_EQ(config->identity.ca, "/srv/muster/ca.pem");
  EXPECT_FALSE(config->identity.renewed_by_agent);
  EXPECT_EQ(config->enrolment.text(), "a.example.org:8443");
  EXPECT_EQ(config->sync_interval, 5min);
  EXPECT_EQ(config->labels, (Labels{{"pets", "no"}, {"rack", "b12"}}));
  EXPECT_EQ(config->proxy.text(), "proxy.example.org:3128");
  EXPECT_EQ(config->probe_directory, "/opt/probes");
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_FALSE(probe(*config, "host").enabled);
  const ProbeConfig& certificates = probe(*config, "certificates");
  EXPECT_EQ(certificates.interval, 1h);
  EXPECT_EQ(certificates.timeout, 10s);
  EXPECT_THAT(certificates.settings.at("paths"), ElementsAre("/srv/tls", "/home/*/tls/*.pem"));
  EXPECT_THAT(certificates.settings.at("default_paths"), ElementsAre("false"));
}

TEST(AgentConfig, NamesThePlaceOfEveryMistakeAndTheNearestKey) {
  const struct {
    const char* text;
    const char* complaint;
  } cases[] = {
      {"{}", "collectors"},
      {"collectors: []", "agent.yml:1:13: 1 to 16 addresses belong here"},
      {"collectors: [nonsense]", "'nonsense' is not an address"},
      {"collectors: ['a:1']\nsync_intervall: 1m", "agent.yml:2:1:"},
      {"collectors: ['a:1']\nsync_intervall: 1m", "sync_interval"},
      {"collectors: ['a:1']\nsync_interval: 60", "agent.yml:2:16:"},
      {"collectors: ['a:1']\nsync_interval: 2h", "agent.yml:2:16:"},
      {"collectors: ['a:1']\nstate_directory: relative", "it must be an absolute path"},
      {"collectors: ['a:1']\nidentity: {key: key.pem}", "agent.yml:2:17: it must be an absolute"},
      {"collectors: ['a:1']\nproxy: 'http://user:secret@proxy:1'", "write it like http://"},
      {"collectors: ['a:1']\nenrolment: http://a:1", "write it like https://"},
      {"collectors: ['a:1']\nlog_level: warn", "warning"},
      {"collectors: ['a:1']\nprobes: {certificate: {enabled: true}}", "certificates"},
      {"collectors: ['a:1']\nprobes: {host: {paths: [/x]}}", "paths"},
      {"collectors: ['a:1']\nprobes: {host: {interval: 0s}}", "agent.yml:2:27:"},
      {"collectors: ['a:1']\nprobes: {certificates: {default_paths: no}}", "agent.yml:2:40:"},
      {"collectors: ['a:1']\ncollectors: ['b:1']", "agent.yml:2:1:"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(complaints(test.text), HasSubstr(test.complaint)) << test.text;
  }
}

TEST(AgentConfig, BoundsItsLists) {
  std::string collectors = "collectors: [";
  for (int i = 0; i < 17; ++i)
    collectors += "'a:1', ";
  EXPECT_THAT(complaints(collectors + "]"), HasSubstr("1 to 16 addresses"));
  std::string paths = "collectors: ['a:1']\nprobes: {certificates: {paths: [";
  for (int i = 0; i < 1001; ++i)
    paths += "/a, ";
  EXPECT_THAT(complaints(paths + "]}}"), HasSubstr("at most 1000 values"));
}

TEST(AgentConfig, TakesLabelsAsTokensDo) {
  const std::string base = "collectors: ['a:1']\nlabels: ";
  EXPECT_EQ(complaints(base + "{rack: ''}"), "");
  EXPECT_THAT(complaints(base + "{a-b: c}"), HasSubstr("agent.yml:2:9: \"a-b\" is not a label"));
  EXPECT_THAT(complaints(base + "{rack: [b12]}"), HasSubstr("'rack' must be a single value"));
  EXPECT_THAT(complaints(base + "{rack: " + std::string(kLabelValueLimit + 1, 'v') + "}"),
              HasSubstr("at most 1024 bytes"));
  std::string labels;
  for (size_t i = 0; i < kMostLabels; ++i)
    labels += fmt::format("l{}: v, ", i);
  EXPECT_EQ(complaints(base + "{" + labels + "}"), "");
  EXPECT_THAT(complaints(base + "{" + labels + "more: v}"),
              HasSubstr("a host has at most 32 labels"));
}

TEST(AgentConfig, WhatEnrolmentWritesIsGood) {
  const absl::StatusOr<Config> config =
      parse_config(initial_config_text({"collector.example.org:8433", "[::1]:8433"}, "/srv/muster",
                                       "https://collector.example.org:8443", "http://[::1]:3128"),
                   "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->collectors.size(), 2);
  EXPECT_EQ(config->state_directory, "/srv/muster");
  EXPECT_EQ(config->enrolment, (Address{"collector.example.org", 8443}));
  EXPECT_EQ(config->proxy, (Address{"::1", 3128}));
}

TEST(AgentConfig, AnIdentityMayBeOfTheUnitsCredentials) {
  absl::StatusOr<Config> config = parse_config(
      "collectors: ['a.example.org:8433']\n"
      "identity: {certificate: 'credential:crt', key: 'credential:key', ca: /etc/muster/ca.pem}\n",
      "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  Config nowhere = *config;
  EXPECT_THAT(std::string(use_credentials(nowhere, "").message()),
              HasSubstr("LoadCredential=crt:"));
  ASSERT_TRUE(use_credentials(*config, "/run/credentials/a").ok());
  EXPECT_EQ(config->identity.certificate, "/run/credentials/a/crt");
  EXPECT_EQ(config->identity.key, "/run/credentials/a/key");
  EXPECT_EQ(config->identity.ca, "/etc/muster/ca.pem");
}

}  // namespace
}  // namespace muster::agent
