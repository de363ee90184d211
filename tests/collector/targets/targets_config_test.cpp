#include "collector/targets/targets_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::string in_etc(const std::string& path) {
  return path.empty() ? path : "/etc/" + path;
}

absl::StatusOr<TargetsConfig> parsed(const std::string& text) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, "c.yml");
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  TargetsConfig config = read_targets_config(root, in_etc);
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return config;
}

std::string complaint(const std::string& text) {
  return std::string(parsed(text).status().message());
}

TEST(TargetsConfig, ListsNothingWhereThereIsNone) {
  for (const char* text : {"{}", "targets:", "targets: {}", "targets: {lease: 1m}"}) {
    const auto config = parsed(text);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_THAT(config->files, IsEmpty());
    EXPECT_THAT(config->servers, IsEmpty());
    EXPECT_THAT(config->agents, IsEmpty());
  }
}

TEST(TargetsConfig, SaysWhereTargetsAreListedAndWhoLooks) {
  auto config = parsed(R"(targets:
  files: [targets.d/*.yml]
  servers:
    - url: https://cmdb.example.org/sd/targets?site=fra
      interval: 1m
      timeout: 5s
      ca_file: ca.pem
      token_file: token
      kind: tcp
      look_interval: 5m
      look_timeout: 3s
    - url: http://127.0.0.1:8080
      look_interval: 5s
  agents: {role: [monitor, edge], site: [fra]}
  lease: 10m
  site_label: place
  weight_label: share
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->files, ElementsAre("/etc/targets.d/*.yml"));
  ASSERT_THAT(config->servers, SizeIs(2));
  const TargetServer& server = config->servers[0];
  EXPECT_EQ(server.name, "https://cmdb.example.org/sd/targets");
  EXPECT_EQ(server.http.url.target, "/sd/targets?site=fra");
  EXPECT_EQ(server.http.timeout, 5s);
  EXPECT_EQ(server.http.ca_file, "/etc/ca.pem");
  EXPECT_EQ(server.http.token_file, "/etc/token");
  EXPECT_EQ(server.interval, 1min);
  EXPECT_EQ(server.usual.kind, "tcp");
  EXPECT_EQ(server.usual.interval, 5min);
  EXPECT_EQ(server.usual.timeout, 3s);
  EXPECT_EQ(config->servers[1].usual.timeout, 0s) << "its kind's, once a target is of a kind";
  EXPECT_THAT(config->agents, ElementsAre(Pair("role", ElementsAre("monitor", "edge")),
                                          Pair("site", ElementsAre("fra"))));
  EXPECT_EQ(config->lease, 10min);
  EXPECT_EQ(config->site_label, "place");
  EXPECT_EQ(config->weight_label, "share");
  EXPECT_THAT(paths_of(*config), SizeIs(1 + 2 * 3));
  EXPECT_EQ(*paths_of(*config)[1], "/etc/ca.pem");
}

TEST(TargetsConfig, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"targets: {files: [a.yml]}",
       "c.yml:1:10: nobody would look at these targets: say by their labels which hosts do, as in "
       "agents: {role: [monitor]}"},
      {"targets: {servers: [{url: 'https://a'}], agents: {}}", "nobody would look"},
      {"targets: {file: [a.yml]}", "unknown key 'file', did you mean 'files'?"},
      {"targets: {files: ['']}", "c.yml:1:19: it must be a path or a glob"},
      {"targets: {agents: {role: monitor}}", "'role' must be a list, not a single value"},
      {"targets: {agents: {role: []}}", "1 to 100 values belong here, as in [monitor]"},
      {"targets: {agents: {a-b: [x]}}", "\"a-b\" is not a label name"},
      {"targets: {lease: 4s}", "'lease' must be from 5s to 1d, not 4s"},
      {"targets: {lease: 25h}", "'lease' must be from 5s to 1d"},
      {"targets: {site_label: a-b}", "\"a-b\" is not a label name"},
      {"targets: {weight_label: ''}", "\"\" is not a label name"},
      {"targets: {servers: [{interval: 5m}]}", "'url' is missing"},
      {"targets: {servers: [{url: 'ftp://a'}]}", "c.yml:1:27: "},
      {"targets: {servers: [{url: 'https://a', kind: tpc}]}",
       "'kind' is 'tpc', but must be one of tcp, tls, domain, zone, lookalikes"},
      {"targets: {servers: [{url: 'https://a', look_interval: 5s, look_timeout: 6s}]}",
       "the timeout (6s) is longer than the interval (5s)"},
      {"targets: {servers: [{url: 'https://a?x=1'}, {url: 'https://a?x=2'}]}",
       "c.yml:1:51: https://a/ is listed already (its query does not tell them apart)"},
      {"targets: {servers: [{url: 'http://a', token_file: t}]}",
       "it would send the secret for everybody to read: use https"},
  };
  for (const auto& test : cases)
    EXPECT_THAT(complaint(test.text), HasSubstr(test.said)) << test.text;
}

TEST(TargetsConfig, HasBoundedLists) {
  const auto list = [](size_t count, const std::string& item) {
    std::string text;
    for (size_t i = 0; i < count; ++i)
      text += (i > 0 ? ", " : "") + item + std::to_string(i);
    return text;
  };
  const std::string agents = "], agents: {role: [monitor]}}";
  const auto files = [&](size_t count) { return "targets: {files: [" + list(count, "f") + agents; };
  EXPECT_TRUE(parsed(files(kMostTargetFiles)).ok());
  EXPECT_THAT(complaint(files(kMostTargetFiles + 1)), HasSubstr("at most 1000 paths and globs"));
  const auto servers = [&](size_t count) {
    std::string text = "targets: {servers: [";
    for (size_t i = 0; i < count; ++i)
      text += "{url: 'https://a/" + std::to_string(i) + "'},";
    return text + agents;
  };
  EXPECT_TRUE(parsed(servers(kMostTargetServers)).ok());
  EXPECT_THAT(complaint(servers(kMostTargetServers + 1)), HasSubstr("at most 16 servers"));
  const auto values = [&](size_t count) {
    return "targets: {agents: {role: [" + list(count, "v") + "]}}";
  };
  EXPECT_TRUE(parsed(values(100)).ok());
  EXPECT_THAT(complaint(values(101)), HasSubstr("1 to 100 values"));
  std::string labels = "targets: {agents: {";
  for (int i = 0; i < 33; ++i)
    labels += "l" + std::to_string(i) + ": [v], ";
  EXPECT_THAT(complaint(labels + "}}"), HasSubstr("at most 32 labels"));
}

}  // namespace
}  // namespace muster::collector
