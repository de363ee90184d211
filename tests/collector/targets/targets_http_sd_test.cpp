#include "collector/targets/targets_http_sd.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/targets/merged_targets.h"
#include "common/targets/target_rules.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TargetServer server() {
  TargetServer server;
  server.name = "https://cmdb.example.org/sd";
  server.usual.kind = "tcp";
  return server;
}

TargetList parsed(const std::string& text, const TargetServer& from = server()) {
  const auto list = parse_http_sd_targets(text, from);
  EXPECT_TRUE(list.ok()) << list.status();
  return list.value_or(TargetList());
}

std::string complaint(const std::string& text, const TargetServer& from = server()) {
  return std::string(parse_http_sd_targets(text, from).status().message());
}

// Of one target with these labels.
std::string with_labels(const std::string& labels) {
  return fmt::format(R"([{{"targets": ["a:1"], "labels": {{{}}}}}])", labels);
}

TEST(TargetsHttpSd, GivesATargetWhatItsLabelsSay) {
  const TargetList list = parsed(R"([{"targets": ["shop.example.org:443"],
    "labels": {"site": "fra", "owner": "web", "__muster_kind": "tcp", "__muster_interval": "5m",
      "__muster_timeout": "5s", "__muster_name": "shop", "__meta_datacenter": "ignored"}}])");
  ASSERT_THAT(list.targets, SizeIs(1));
  EXPECT_EQ(list.targets[0], (Target{.name = "shop",
                                     .kind = "tcp",
                                     .address = "shop.example.org:443",
                                     .labels = {{"owner", "web"}, {"site", "fra"}},
                                     .interval = 5min,
                                     .timeout = 5s,
                                     .place = ""}));
  EXPECT_EQ(list.targets[0].place, "https://cmdb.example.org/sd");
}

TEST(TargetsHttpSd, TakesTheServersUsualValuesForTheRest) {
  TargetServer from = server();
  from.usual.interval = 2min;
  from.usual.timeout = 20s;
  const TargetList list = parsed(
      R"([{"labels": {"site": "fra"}, "targets": ["a:1", "[2001:db8::1]:2"]},
          {"targets": ["b:1"], "labels": {"__muster_interval": "5s"}}, {"targets": []}])",
      from);
  ASSERT_THAT(list.targets, SizeIs(3));
  EXPECT_EQ(list.targets[1].name, "[2001:db8::1]:2");
  EXPECT_EQ(list.targets[1].interval, 2min);
  EXPECT_EQ(list.targets[1].timeout, 20s);
  EXPECT_THAT(list.targets[1].labels, ElementsAre(Pair("site", "fra")));
  EXPECT_EQ(list.targets[2].timeout, 5s) << "never more than the interval";
  EXPECT_THAT(list.targets[2].labels, IsEmpty());
  EXPECT_THAT(parsed("[]").targets, IsEmpty());
}

TEST(TargetsHttpSd, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    const char* said;
  } cases[] = {
      {"{}", ":1:1: it must be a list: [{\"targets\": [\"www.example.org:443\"], \"labels\": {}}]"},
      {R"([{"targets": [1]}])", "a target must be text, as www.example.org:443"},
      {R"([{"targets": ["www.example.org"]}])", "'www.example.org' is not the address of a target"},
      {with_labels(R"("a-b": "c")"), "\"a-b\" is not a label name"},
      {with_labels(R"("a": "b", "a": "b")"), "the label a comes twice"},
      {with_labels(R"("__muster_kind": "tcp", "__muster_kind": "tcp")"), "__muster_kind comes twi"},
      {with_labels(R"("__muster_kind": "tpc")"),
       "'tpc' is no kind of target (there are: tcp, tls, domain, zone, lookalikes)"},
      {with_labels(R"("__muster_interval": "5")"), "'5' is not a duration"},
      {with_labels(R"("__muster_interval": "2d")"), "the interval must be from 1s to 1d, not 2d"},
      {with_labels(R"("__muster_timeout": "")"), "'' is not a duration"},
      {with_labels(R"("__muster_interval": "5s", "__muster_timeout": "6s")"),
       "the timeout (6s) is longer than the interval (5s)"},
      {with_labels(R"("__muster_name": "a/b")"), "'a/b' cannot be the name of a target"},
      {R"([{"targets": ["a:1", "b:1"], "labels": {"__muster_name": "c"}}])",
       "__muster_name is for a group of one target, not of 2"},
      {R"([{"targets": ["a:1"]}, {"targets": ["a:1"], "labels": {"b": "c"}}])",
       "https://cmdb.example.org/sd:1:65: the target a:1 is listed twice, and not alike: keep one "
       "of them, or name them by __muster_name"},
      {"[", "it is not JSON"},
      {"[\"\xff\"]", "this line is not UTF-8 text"},
  };
  for (const auto& test : cases)
    EXPECT_THAT(complaint(test.text), HasSubstr(test.said)) << test.text;
  TargetServer from = server();
  from.usual.kind = "";
  EXPECT_THAT(complaint(with_labels(""), from),
              HasSubstr("these targets have no kind: they need the label __muster_kind"));
}

TEST(TargetsHttpSd, PutsTheGroupsOptionsBehindEachOfItsAddresses) {
  const TargetList list = parsed(R"([{"targets": ["a:25", "b:25/mx.example"],
    "labels": {"__muster_kind": "tls", "__muster_options": "starttls=smtp revocation=crl"}}])");
  ASSERT_THAT(list.targets, SizeIs(2));
  EXPECT_EQ(list.targets[0].address, "a:25 starttls=smtp revocation=crl");
  EXPECT_EQ(list.targets[0].name, "a:25");
  EXPECT_EQ(list.targets[1].address, "b:25/mx.example starttls=smtp revocation=crl");
  EXPECT_EQ(list.targets[1].name, "b:25");
  EXPECT_THAT(complaint(with_labels(R"("__muster_options": "starttls=smtp")")),
              HasSubstr("'a:1 starttls=smtp' is not the address of a target"))
      << "of kind tcp";
  EXPECT_THAT(
      complaint(with_labels(R"("__muster_kind": "tls", "__muster_options": "starttls=stmp")")),
      HasSubstr("'starttls=stmp': starttls= is one of"));
  EXPECT_THAT(complaint(R"([{"targets": ["a:1/b.example"]}])"),
              HasSubstr("'a:1/b.example' is not the address of a target"));
}

TEST(TargetsHttpSd, TakesATargetThatComesTwiceAlikeOnce) {
  EXPECT_THAT(parsed(R"([{"targets": ["a:1", "a:1"]}, {"targets": ["a:1"]}])").targets, SizeIs(1));
}

TEST(TargetsHttpSd, ListsAtMostAHundredThousandTargets) {
  std::string targets;
  for (size_t i = 0; i < kMostTargets; ++i)
    targets += fmt::format("{}\"a{}:1\"", i > 0 ? "," : "", i);
  EXPECT_THAT(parsed(R"([{"targets": [)" + targets + "]}]").targets, SizeIs(kMostTargets));
  EXPECT_THAT(complaint(R"([{"targets": [)" + targets + R"(, "b:1"]}])"),
              HasSubstr("more than 100000 targets"));
  EXPECT_THAT(complaint(R"([{"targets": [)" + targets + R"(]}, {"targets": ["b:1"]}])"),
              HasSubstr("more than 100000 targets"));
}

TEST(TargetsHttpSd, IsWrittenAsItIsRead) {
  EXPECT_EQ(targets_http_sd({}), "[]\n");
  const TargetTable table(TargetTable::Targets{
      {"shop",
       {.name = "shop",
        .kind = "tcp",
        .address = "shop.example.org:443",
        .labels = {{"owner", "\"w\n\\eb\""}, {"site", "ä"}},
        .interval = 90s,
        .timeout = 250ms,
        .place = "a.yml:1:1"}},
      {"mail",
       {.name = "mail",
        .kind = "tls",
        .address = "mx.example:25/mail.example starttls=smtp",
        .labels = {},
        .place = ""}},
      {"z:1", {.name = "z:1", .kind = "tcp", .address = "z:1", .labels = {}, .place = ""}}});
  const std::string text = targets_http_sd(table);
  EXPECT_THAT(text, HasSubstr(R"({"targets": ["mx.example:25/mail.example"], "labels": )"
                              R"({"__muster_options": "starttls=smtp", )"));
  EXPECT_THAT(text, HasSubstr(R"({"targets": ["z:1"], "labels": {"__muster_name": "z:1", )"
                              R"("__muster_kind": "tcp", "__muster_interval": "1m", )"
                              R"("__muster_timeout": "10s"}}])"));
  EXPECT_EQ(merge_targets({std::make_shared<const TargetList>(parsed(text))}).table.targets(),
            table.targets());
}

TEST(MergedTargets, AreOfTheFirstSourceThatListsTheirName) {
  const auto list = [](const std::string& place, const std::vector<std::string>& names) {
    auto targets = std::make_shared<TargetList>();
    for (const std::string& name : names)
      targets->targets.push_back({.name = name,
                                  .kind = "tcp",
                                  .address = name,
                                  .labels = {{"from", place}},
                                  .place = place});
    return targets;
  };
  const MergedTargets merged =
      merge_targets({list("files:1:1", {"a:1", "b:1"}), list("one", {"b:1", "c:1", "a:1"}),
                     list("two", {"c:1"})});
  EXPECT_THAT(merged.table.targets(), SizeIs(3));
  EXPECT_EQ(merged.table.find("b:1")->place, "files:1:1");
  EXPECT_EQ(merged.table.find("c:1")->place, "one");
  ASSERT_THAT(merged.left_out, SizeIs(3));
  EXPECT_EQ(merged.left_out[0].count, 0U);
  EXPECT_EQ(merged.left_out[1].count, 2U);
  EXPECT_EQ(merged.left_out[1].example, "b:1 is listed at files:1:1");
  EXPECT_EQ(merged.left_out[2].example, "c:1 is listed at one");
}

TEST(MergedTargets, AreAtMostAHundredThousand) {
  auto first = std::make_shared<TargetList>();
  for (size_t i = 0; i < kMostTargets; ++i)
    first->targets.push_back(
        {.name = fmt::format("a{}", i), .kind = "", .address = "", .labels = {}, .place = ""});
  auto second = std::make_shared<TargetList>();
  second->targets = {{.name = "b", .kind = "", .address = "", .labels = {}, .place = ""}};
  const MergedTargets merged = merge_targets({first, second});
  EXPECT_THAT(merged.table.targets(), SizeIs(kMostTargets));
  EXPECT_EQ(merged.left_out[1].example, "b: there are 100000 targets before it");
}

}  // namespace
}  // namespace muster::collector
