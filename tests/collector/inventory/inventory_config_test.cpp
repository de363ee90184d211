#include "collector/inventory/inventory_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string in_etc(const std::string& path) {
  return path.empty() ? path : "/etc/" + path;
}

absl::StatusOr<std::vector<InventorySource>> parsed(const std::string& text) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, "c.yml");
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  std::vector<InventorySource> sources = read_inventory_sources(root, in_etc);
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return sources;
}

TEST(InventoryConfig, IsEmptyWhereThereIsNone) {
  EXPECT_TRUE(parsed("{}").value().empty());
}

TEST(InventoryConfig, ListsFilesAndServers) {
  auto sources = parsed(R"(inventory:
  - file: hosts.csv
  - url: https://netbox.example.org/hosts?site=fra
    interval: 1m
    timeout: 5s
    ca_file: ca.pem
    username: muster
    password_file: password
  - url: http://127.0.0.1:8080
  - url: https://other.example.org
    token_file: token
)");
  ASSERT_TRUE(sources.ok()) << sources.status();
  ASSERT_EQ(sources->size(), 4U);
  InventorySource& file = (*sources)[0];
  EXPECT_EQ(file.name, "/etc/hosts.csv");
  EXPECT_EQ(file.format, InventoryFormat::kCsv);
  EXPECT_FALSE(file.http.has_value());
  EXPECT_THAT(paths_of(file), ElementsAre(&file.file));
  InventorySource& server = (*sources)[1];
  EXPECT_EQ(server.name, "https://netbox.example.org/hosts");
  EXPECT_EQ(server.format, InventoryFormat::kHttpSd);
  EXPECT_EQ(server.interval, 1min);
  EXPECT_EQ(server.http->timeout, 5s);
  EXPECT_EQ(server.http->url.target, "/hosts?site=fra");
  EXPECT_EQ(server.http->ca_file, "/etc/ca.pem");
  EXPECT_EQ(server.http->username, "muster");
  EXPECT_EQ(server.http->password_file, "/etc/password");
  EXPECT_EQ(paths_of(server).size(), 3U);
  EXPECT_EQ((*sources)[2].interval, 5min);
  EXPECT_EQ((*sources)[3].http->token_file, "/etc/token");
}

TEST(InventoryConfig, IsRefusedWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"inventory: hosts.yml", "'inventory' must be a list"},
      {"inventory: [{}]", "c.yml:1:13: a source is either a `file` or a `url`"},
      {"inventory: [{file: a.yml, url: https://a}]", "either a `file` or a `url`"},
      {"inventory: [{file: hosts.txt}]", "c.yml:1:20: its name must end with .yml, .csv or .json"},
      {"inventory: [{file: a.yml, interval: 5m}]", "unknown key 'interval'"},
      {"inventory: [{url: ftp://a}]", "c.yml:1:19: \"ftp://…\" is not a URL"},
      {"inventory: [{url: https://a, interval: 100ms}]", "'interval' must be from 1s"},
      {"inventory: [{url: https://a, interval: 25h}]", "'interval' must be from 1s"},
      {"inventory: [{url: https://a, timeout: 1h}]", "'timeout' must be from 1s"},
      {"inventory: [{url: https://a, username: b}]", "username and password_file belong together"},
      {"inventory: [{url: https://a, password_file: b}]", "belong together"},
      {"inventory: [{url: https://a, username: 'b:c', password_file: d}]", "without ':'"},
      {"inventory: [{url: https://a, username: b, password_file: c, token_file: d}]", "not both"},
      {"inventory: [{url: http://a, token_file: d}]", "use https"},
      {"inventory: [{url: http://a, ca_file: d}]", "it is of use with https"},
      {"inventory: [{file: a.yml}, {file: a.yml}]", "c.yml:1:35: /etc/a.yml is a source already"},
      {"inventory: [{url: 'https://a?b'}, {url: 'https://a?c'}]", "https://a/ is a source already"},
  };
  for (const auto& [text, complaint] : cases)
    EXPECT_THAT(std::string(parsed(text).status().message()), HasSubstr(complaint)) << text;
}

TEST(InventoryConfig, NamesAtMostSixteenSources) {
  std::string text = "inventory:\n";
  for (size_t i = 0; i < kMostInventorySources; ++i)
    text += fmt::format("  - file: {}.yml\n", i);
  EXPECT_TRUE(parsed(text).ok());
  EXPECT_THAT(std::string(parsed(text + "  - file: more.yml\n").status().message()),
              HasSubstr("at most 16 sources"));
}

TEST(InventoryConfig, IsCheckedWithItsFiles) {
  const test::TemporaryDirectory directory;
  InventorySource file{.name = "hosts.csv", .file = directory.file("hosts.csv")};
  file.format = InventoryFormat::kCsv;
  EXPECT_EQ(check_sources({file}).code(), absl::StatusCode::kNotFound);
  directory.write("hosts.csv", "host,site\nweb1,fra\n");
  EXPECT_TRUE(check_sources({file}).ok());
  directory.write("hosts.csv", "host,site\nweb1\n");
  EXPECT_THAT(std::string(check_sources({file}).message()), HasSubstr("hosts.csv:2:1: "));

  InventorySource server{.name = "https://a", .file = {}, .http = HttpSource{}};
  EXPECT_TRUE(check_sources({server}).ok());
  server.http->ca_file = directory.write("ca.pem", "nothing");
  EXPECT_THAT(std::string(check_sources({server}).message()), HasSubstr("no certificate in PEM"));
  server.http->ca_file.clear();
  server.http->token_file = directory.file("token");
  EXPECT_EQ(check_sources({server}).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace muster::collector
