#include "common/targets/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/targets/target_rules.h"

namespace muster {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<Target> targets(const std::string& text) {
  const auto parsed = parse_target_file(text, "web.yml");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.value_or(std::vector<Target>());
}

std::string complaint(const std::string& text) {
  return std::string(parse_target_file(text, "web.yml").status().message());
}

// Of a list with one entry of these keys.
std::string complaint_of_entry(const std::string& keys) {
  return complaint("targets:\n  - {" + keys + "}");
}

TEST(TargetFile, GivesATargetEverythingThatItSays) {
  const auto all = targets(R"(
targets:
  - kind: tcp
    address: "shop.example.org:443"
    name: shop
    labels: {site: fra}
    owner: web-operations
    interval: 5m
    timeout: 3s
)");
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0], (Target{.name = "shop",
                            .kind = "tcp",
                            .address = "shop.example.org:443",
                            .labels = {{"owner", "web-operations"}, {"site", "fra"}},
                            .interval = 5min,
                            .timeout = 3s,
                            .place = ""}));
  EXPECT_EQ(all[0].place, "web.yml:3:5");
}

TEST(TargetFile, NamesATargetByItsAddressAndLooksOnceAMinute) {
  const auto all = targets("targets: [{kind: tcp, address: '[2001:db8::1]:22'}]");
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].name, "[2001:db8::1]:22");
  EXPECT_EQ(all[0].interval, 1min);
  EXPECT_EQ(all[0].timeout, 10s);
  EXPECT_THAT(all[0].labels, IsEmpty());
}

TEST(TargetFile, NamesATlsEndpointByItsHostAndPort) {
  const auto all = targets(R"(
defaults: {kind: tls}
targets:
  - {address: "mx.example:25/mail.example starttls=smtp revocation=ocsp"}
  - {kind: tcp, address: "mx.example:26"}
)");
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].name, "mx.example:25");
  EXPECT_EQ(all[0].address, "mx.example:25/mail.example starttls=smtp revocation=ocsp");
  EXPECT_EQ(all[1].name, "mx.example:26");
  EXPECT_THAT(complaint_of_entry("kind: tls, address: 'a:25 starttls=stmp'"),
              HasSubstr("web.yml:2:26: 'starttls=stmp': starttls= is one of smtp, imap"));
  EXPECT_THAT(complaint_of_entry("kind: tcp, address: 'a:25 starttls=smtp'"),
              HasSubstr("'a:25 starttls=smtp' is not the address of a target"));
}

TEST(TargetFile, PutsAnEntryOverTheDefaults) {
  const auto all = targets(R"(
defaults:
  kind: tcp
  interval: 5m
  timeout: 20s
  labels: {site: fra, tier: gold}
  owner: network
targets:
  - {address: "a:1"}
  - {address: "b:1", interval: 10s, labels: {tier: silver}, owner: web}
)");
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].interval, 5min);
  EXPECT_EQ(all[0].timeout, 20s);
  EXPECT_THAT(all[0].labels,
              ElementsAre(Pair("owner", "network"), Pair("site", "fra"), Pair("tier", "gold")));
  EXPECT_EQ(all[1].interval, 10s);
  EXPECT_EQ(all[1].timeout, 10s) << "which nobody wrote, so it is no complaint that 20s is longer";
  EXPECT_THAT(all[1].labels,
              ElementsAre(Pair("owner", "web"), Pair("site", "fra"), Pair("tier", "silver")));
}

TEST(TargetFile, MayListNothingIfItSaysSo) {
  EXPECT_THAT(targets("targets: []"), IsEmpty());
  EXPECT_THAT(targets("targets:\n#  - {kind: tcp}"), IsEmpty());
  EXPECT_EQ(complaint(""), "web.yml:1:1: 'targets' is missing");
}

TEST(TargetFile, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* keys;
    const char* said;
  } cases[] = {
      {"address: 'a:1'", "web.yml:2:5: 'kind' is missing"},
      {"kind: tcp", "web.yml:2:5: 'address' is missing"},
      {"kind: tpc, address: 'a:1'",
       "web.yml:2:12: 'kind' is 'tpc', but must be one of tcp, tls, domain, zone, lookalikes, did "
       "you mean 'tcp'?"},
      {"kind: tcp, address: 'a'",
       "web.yml:2:26: 'a' is not the address of a target: write it like www.example.org:443, "
       "192.0.2.1:443 or [2001:db8::1]:443"},
      {"kind: tcp, address: 'a:1', name: b/c",
       "web.yml:2:39: 'b/c' cannot be the name of a target: 1 to 253 letters, digits and . _ : [ ] "
       "-"},
      {"kind: tcp, address: 'a:1', labels: {a-b: c}",
       "web.yml:2:41: \"a-b\" is not a label name: letters, digits and '_', not beginning with a "
       "digit or two '_', at most 64"},
      {"kind: tcp, address: 'a:1', labels: {owner: x}, owner: y",
       "web.yml:2:60: the label owner says 'x': keep one of them"},
      {"kind: tcp, address: 'a:1', owner: ''", "web.yml:2:40: it is empty: leave it out"},
      {"kind: tcp, address: 'a:1', interval: 500ms",
       "web.yml:2:43: 'interval' must be from 1s to 1d, not 500ms"},
      {"kind: tcp, address: 'a:1', timeout: 2m",
       "web.yml:2:42: 'timeout' must be from 100ms to 1m, not 2m"},
      {"kind: tcp, address: 'a:1', interval: 5s, timeout: 6s",
       "web.yml:2:56: the timeout (6s) is longer than the interval (5s)"},
      {"kind: tcp, address: 'a:1', intervall: 5s",
       "web.yml:2:33: unknown key 'intervall', did you mean 'interval'?"},
  };
  for (const auto& test : cases)
    EXPECT_EQ(complaint_of_entry(test.keys), test.said) << test.keys;
  EXPECT_THAT(complaint("targets: []\ndefault: {}"), HasSubstr("did you mean 'defaults'?"));
  EXPECT_THAT(complaint("targets: []\ndefaults: {address: 'a:1'}"),
              HasSubstr("unknown key 'address'"));
}

TEST(TargetFile, TellsAllFaultsAtOnceUpToAHundred) {
  EXPECT_EQ(complaint("targets:\n  - {kind: tcp}\n  - {address: 'a:1'}"),
            "web.yml:2:5: 'address' is missing\nweb.yml:3:5: 'kind' is missing");
  std::string many = "targets:\n";
  for (int i = 0; i < 102; ++i)
    many += "  - {kind: tcp}\n";
  EXPECT_THAT(complaint(many), EndsWith("web.yml:101:5: 'address' is missing\nand 2 more"));
}

TEST(TargetFile, ListsAtMostAHundredThousandTargets) {
  std::string text = "defaults: {kind: tcp}\ntargets:\n";
  for (size_t i = 0; i < kMostTargets; ++i)
    text += " - {address: 'a" + std::to_string(i) + ":1'}\n";
  EXPECT_THAT(targets(text), SizeIs(kMostTargets));
  EXPECT_EQ(complaint(text + " - {address: 'b:1'}\n"), "web.yml:3:2: more than 100000 targets");
}

TEST(TargetFile, IsAtMostSixteenMegabytes) {
  const std::string least = "targets: []\n";
  EXPECT_THAT(targets(least + std::string(kLargestTargetFile - least.size(), '\n')), IsEmpty());
  EXPECT_EQ(complaint(std::string(kLargestTargetFile + 1, '\n')),
            "web.yml:1:1: larger than 16 MiB");
}

TEST(NamelessTarget, IsWhatAnEntrySaysBesideNameAndLabels) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(
      "own: [{kind: tcp, address: '127.0.0.1:5432', timeout: 5s, name: a/b, owner: me}]",
      "agent.yml");
  ASSERT_TRUE(document.ok());
  std::vector<YamlMap> own = document->root().maps("own");
  ASSERT_THAT(own, SizeIs(1));
  EXPECT_EQ(read_nameless_target(own[0]), (Target{.name = "",
                                                  .kind = "tcp",
                                                  .address = "127.0.0.1:5432",
                                                  .labels = {},
                                                  .interval = 1min,
                                                  .timeout = 5s,
                                                  .place = ""}));
  EXPECT_THAT(std::string(document->finish().message()), HasSubstr("unknown key 'name'"));
}

}  // namespace
}  // namespace muster
