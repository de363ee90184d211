#include "collector/inventory/inventory_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "collector/inventory/inventory_builder.h"
#include "collector/sources/source_text.h"

namespace muster::collector {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using enum InventoryFormat;

Inventory::Hosts parsed(const std::string& text, InventoryFormat format) {
  const absl::StatusOr<Inventory> inventory = parse_inventory(text, format, "inventory");
  EXPECT_TRUE(inventory.ok()) << text.substr(0, 200) << "\n" << inventory.status();
  return inventory.ok() ? inventory->hosts() : Inventory::Hosts();
}

std::string complaint(const std::string& text, InventoryFormat format) {
  const absl::Status status = parse_inventory(text, format, "inventory").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 200);
  return std::string(status.message());
}

struct Refused {
  std::string text;
  std::string complaint;
};

void expect_complaints(const std::vector<Refused>& cases, InventoryFormat format) {
  for (const Refused& one : cases)
    EXPECT_THAT(complaint(one.text, format), HasSubstr(one.complaint)) << one.text;
}

const Inventory::Hosts two_hosts = {{"db1", {}}, {"web1", {{"role", "web"}, {"site", "fra"}}}};

TEST(InventoryText, SaysTheSameInEachFormat) {
  EXPECT_EQ(parsed("hosts:\n  web1: {site: fra, role: web}\n  db1:\n", kYaml), two_hosts);
  EXPECT_EQ(parsed("host,site,role\nweb1,fra,web\ndb1,,\n", kCsv), two_hosts);
  EXPECT_EQ(parsed(R"([{"targets": ["web1"], "labels": {"site": "fra", "role": "web"}},
                       {"targets": ["db1"]}])",
                   kHttpSd),
            two_hosts);
}

TEST(InventoryText, IsKnownByTheEndOfTheFilesName) {
  EXPECT_EQ(inventory_format_of("a/hosts.yml"), kYaml);
  EXPECT_EQ(inventory_format_of("hosts.yaml"), kYaml);
  EXPECT_EQ(inventory_format_of("hosts.csv"), kCsv);
  EXPECT_EQ(inventory_format_of("hosts.json"), kHttpSd);
  EXPECT_EQ(inventory_format_of("hosts.txt"), std::nullopt);
}

TEST(InventoryText, OfYamlKeepsWhatYamlWouldTurnIntoOtherThings) {
  EXPECT_EQ(parsed("hosts: {web1: {pets: no, rack: 007}}", kYaml),
            (Inventory::Hosts{{"web1", {{"pets", "no"}, {"rack", "007"}}}}));
}

TEST(InventoryText, OfYamlIsRefusedWithItsPlace) {
  expect_complaints(
      {
          {"", "inventory:1:1: 'hosts' is missing"},
          {"hosts: [web1]", "inventory:1:8: 'hosts' must be a map, not a list"},
          {"host: {}", "unknown key 'host', did you mean 'hosts'?"},
          {"hosts:\n  web1: fra\n", "inventory:2:3: 'web1' must be a map"},
          {"hosts:\n  web1: {site: [fra]}\n", "inventory:2:10: 'site' must be a single value"},
          {"hosts:\n  web1: {}\n  web1: {}\n", "inventory:3:3: the key 'web1' comes twice"},
          {"hosts:\n  -web: {}\n", "inventory:2:9: \"-web\" cannot be a host's name"},
          {"hosts:\n  \"\": {}\n", "inventory:2:7: \"\" cannot be a host's name"},
          {"hosts:\n  web1: {a-b: c}\n", "\"a-b\" is not a label name"},
      },
      kYaml);
}

TEST(InventoryText, OfCsvTakesQuotesAndTheLineEndsOfSpreadsheets) {
  EXPECT_EQ(
      parsed("\xef\xbb\xbfhost,\"owner\"\r\nweb1,\"Smith, \"\"Jo\"\"\r\n& Co\"\r\n\r\ndb1,x", kCsv),
      (Inventory::Hosts{{"db1", {{"owner", "x"}}},
                        {"web1", {{"owner", "Smith, \"Jo\"\r\n& Co"}}}}));
  EXPECT_EQ(parsed("host\nweb1\n", kCsv), (Inventory::Hosts{{"web1", {}}}));
}

TEST(InventoryText, OfCsvIsRefusedWithItsPlace) {
  expect_complaints(
      {
          {"", "inventory:1:1: it is empty: its first line names the columns"},
          {"name,site\n", "inventory:1:1: the first column must be called host, not \"name\""},
          {"host;site\nweb1;fra\n", "inventory:1:1: the columns are separated by ';'"},
          {"host,site,site\n", "inventory:1:11: the column site comes twice"},
          {"host,a b\n", "inventory:1:6: \"a b\" is not a label name"},
          {"host,\n", "inventory:1:6: \"\" is not a label name"},
          {"host,site\nweb1\n", "inventory:2:1: 1 fields in this line, but 2 columns in the first"},
          {"host,site\nweb1,fra,x\n", "inventory:2:1: 3 fields"},
          {"host,site\n,fra\n", "inventory:2:1: \"\" cannot be a host's name"},
          {"host,site\nweb1,\"fra\n", "inventory:2:6: this field's quote is not closed"},
          {"host,site\nweb1,\"fra\"x\n", "inventory:2:11: after a quoted field comes a comma"},
          {"host,site\nweb1,f\"ra\n", "inventory:2:7: a field with a quote in it"},
          {"host,site\nweb1,f\rra\n", "inventory:2:7: a carriage return"},
          {"host,site\r", "inventory:1:10: a carriage return"},
          {"host,ä\n", "inventory:1:6: \"ä\" is not a label name"},
          {"host,a\n\"web1\",\"ä\"x\n", "inventory:2:11: after a quoted field"},
          {"host,site\nweb1,fra\nweb1,ams\n", "inventory:3:1: the host web1 is named twice"},
      },
      kCsv);
}

TEST(InventoryText, OfHttpSdLeavesOutWhatIsPrometheusOwn) {
  EXPECT_EQ(parsed(R"([{"targets": ["web1:9100", "web2"],
                        "labels": {"__meta_dc": "x", "__address__": "y", "site": "fra"}}])",
                   kHttpSd),
            (Inventory::Hosts{{"web1", {{"site", "fra"}}}, {"web2", {{"site", "fra"}}}}));
  EXPECT_EQ(parsed("[]", kHttpSd), Inventory::Hosts());
  EXPECT_EQ(parsed(R"([{"targets": []}])", kHttpSd), Inventory::Hosts());
  EXPECT_EQ(parsed(R"([{"labels": {"owner": "\u00e4\n"}, "targets": ["web1"]}])", kHttpSd),
            (Inventory::Hosts{{"web1", {{"owner", "ä\n"}}}}));
}

TEST(InventoryText, OfHttpSdIsRefusedWithItsPlace) {
  expect_complaints(
      {
          {"", "inventory:1:1: it is not JSON"},
          {"<html>", "inventory:1:1: it is not JSON"},
          {"{}", "it must be a list"},
          {"\"web1\"", "it must be a list"},
          {"[\n\"web1\"]", "inventory:2:"},
          {"[\"web1\"]", "each entry of the list must be"},
          {"[{\"targets\": \"web1\"}]", "'targets' must be a list"},
          {"[{\"targets\": [1]}]", "a target must be text"},
          {"[{\"targets\": [\"\"]}]", "\"\" cannot be a host's name"},
          {"[{\"targets\": [\"[::1]:9100\"]}]", "cannot be a host's name"},
          {"[{\"targets\": [\"a\"], \"labels\": []}]", "'labels' must be a map"},
          {"[{\"targets\": [\"a\"], \"labels\": {\"site\": 1}}]", "the label 'site' must be text"},
          {"[{\"targets\": [\"a\"], \"labels\": {\"x\": {}}}]", "the label 'x' must be text"},
          {"[{\"targets\": [\"a\"], \"labels\": {\"x\": \"\", \"x\": \"\"}}]", "comes twice"},
          {"[{\"targets\": [], \"targets\": []}]", "'targets' comes twice"},
          {"[{\"target\": []}]", "unknown key 'target'"},
          {"[{\"labels\": {}}]", "'targets' is missing here"},
          {"[{\"targets\": [\"a\"]}", "it is not JSON"},
          {"[] []", "it is not JSON"},
          {"[{\"targets\": [\"a\"]},\n {\"targets\": [\"a\"], \"labels\": {\"s\": \"x\"}}]",
           "inventory:2:41: the host a is named twice"},
      },
      kHttpSd);
}

TEST(InventoryText, MayNameAHostTwiceIfItSaysTheSame) {
  EXPECT_EQ(parsed("host,site\nweb1,fra\nweb1,fra\n", kCsv).size(), 1U);
  EXPECT_EQ(parsed(R"([{"targets": ["web1:80", "web1:443"]}])", kHttpSd).size(), 1U);
}

TEST(InventoryText, IsRefusedWhereItIsNotUtf8) {
  for (const InventoryFormat format : {kYaml, kCsv, kHttpSd}) {
    EXPECT_EQ(complaint("host,site\nweb1,f\xffra\n", format),
              "inventory:2:1: this line is not UTF-8 text");
  }
}

TEST(InventoryText, IsRefusedPastItsBytes) {
  std::string text = "host\n" + std::string(kSourceBytes - 5, '\n');
  EXPECT_TRUE(parse_inventory(text, kCsv, "inventory").ok());
  text += '\n';
  for (const InventoryFormat format : {kYaml, kCsv, kHttpSd})
    EXPECT_EQ(complaint(text, format), "inventory:1:1: larger than 64 MiB");
  EXPECT_THAT(complaint(std::string(5 << 20, '\n'), kYaml), EndsWith("larger than 4 MiB"));
}

TEST(InventoryText, IsRefusedPastItsHosts) {
  std::string csv = "host\n";
  std::string http_sd = "[{\"targets\": [";
  for (size_t i = 0; i < kMostListedHosts; ++i) {
    csv += fmt::format("h{}\n", i);
    http_sd += fmt::format("\"h{}\",", i);
  }
  EXPECT_EQ(parsed(csv, kCsv).size(), kMostListedHosts);
  EXPECT_EQ(complaint(csv + "one\n", kCsv), "inventory:200002:1: more than 200000 hosts");
  EXPECT_THAT(complaint(http_sd + "\"one\"]}]", kHttpSd), EndsWith("more than 200000 hosts"));
  http_sd.pop_back();
  EXPECT_EQ(parsed(http_sd + "]}]", kHttpSd).size(), kMostListedHosts);
}

TEST(InventoryText, IsRefusedPastItsLabels) {
  std::string header = "host";
  std::string line = "web1";
  std::string labels;
  for (size_t i = 0; i < kMostLabels; ++i) {
    header += fmt::format(",l{}", i);
    line += ",v";
    labels += fmt::format("\"l{}\":\"v\",", i);
  }
  const auto group = [](const std::string& more) {
    return "[{\"targets\":[\"web1\"],\"labels\":{" + more + "}}]";
  };
  EXPECT_EQ(parsed(header + "\n" + line, kCsv).at("web1").size(), kMostLabels);
  EXPECT_THAT(complaint(header + ",more\n" + line + ",v", kCsv),
              EndsWith("a host (web1) has at most 32 labels"));
  EXPECT_THAT(complaint(group(labels + "\"more\":\"v\""), kHttpSd), HasSubstr("at most 32 labels"));
  labels.pop_back();
  EXPECT_EQ(parsed(group(labels), kHttpSd).at("web1").size(), kMostLabels);
}

TEST(InventoryText, IsRefusedPastTheFieldsOfALineAndTheTextOfALabel) {
  std::string fields = "host";
  for (int i = 0; i < 64; ++i)
    fields += ",";
  EXPECT_THAT(complaint(fields, kCsv), HasSubstr("more than 64 fields in a line"));
  const std::string value(kLabelValueLimit, 'v');
  EXPECT_EQ(parsed("host,a\nweb1," + value, kCsv).size(), 1U);
  EXPECT_THAT(complaint("host,a\nweb1,v" + value, kCsv), HasSubstr("at most 1024 bytes"));
  EXPECT_THAT(complaint("[{\"targets\":[\"a\"],\"labels\":{\"a\":\"v" + value + "\"}}]", kHttpSd),
              HasSubstr("at most 1024 bytes"));
  EXPECT_THAT(complaint("[{\"targets\":[\"" + std::string(5000, 'a') + "\"]}]", kHttpSd),
              HasSubstr("it is not JSON"));
}

TEST(InventoryText, OfYamlSaysTheFirstTwentyFaults) {
  std::string text = "hosts:\n";
  for (int i = 0; i < 1000; ++i)
    text += fmt::format("  -h{}: {{}}\n", i);
  const std::string all = complaint(text, kYaml);
  EXPECT_THAT(all, HasSubstr("inventory:21:"));
  EXPECT_LT(std::count(all.begin(), all.end(), '\n'), 21);
}

}  // namespace
}  // namespace muster::collector
