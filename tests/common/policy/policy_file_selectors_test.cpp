// Bad labels, selectors, groups and owners.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/common/policy/policy_file_complaints.h"

namespace muster::policy {
namespace {

using ::testing::HasSubstr;

TEST(PolicyFileLabels, AreRefusedWhereNoHostCanHaveThem) {
  expect_complaints({
      {"labels: {1st: }\n",
       "p.yml:3:15: \"1st\" is not a label name: letters, digits and '_', not beginning with a "
       "digit or two '_', at most 64"},
      {"labels: {host: }\n",
       "p.yml:3:16: 'host' is a label that metrics have for themselves: call it something else"},
      {"labels: {target: }\n",
       "p.yml:3:18: 'target' is a label that metrics have for themselves: call it something "
       "else"},
      {"labels: {site: []}\n",
       "p.yml:3:16: 'site' is an empty list, which matches nothing: name one, or remove the line"},
      {"labels: {site: fra}\n", "p.yml:3:16: 'site' must be a list, not a single value"},
      {"labels: {site: [fra, fra]}\n", "p.yml:3:22: 'fra' comes twice in 'site'"},
      {"labels: {site: ['']}\n",
       "p.yml:3:17: 'site' has items of 1 to 1024 bytes without control characters"},
      {"labels: [site]\n", "p.yml:3:9: 'labels' must be a map, not a list"},
      {"labels: {site: " + list_of(1001) + "}\n", "p.yml:3:16: 'site' has more than 1000 items"},
  });
  std::string many = shortest_policy + "labels:\n";
  for (int i = 0; i < 33; ++i)
    many += "  l" + std::to_string(i) + ":\n";
  EXPECT_EQ(complaint_of(many), "p.yml:4:3: a host has at most 32 labels");
}

// A selector in line 4, column 14.
std::string owner(const std::string& match) {
  return "labels: {site: [fra, ams], role: }\nowners: [{team: t, match: " + match + "}]\n";
}

TEST(PolicyFileSelectors, AreRefusedWhereTheyCanNeverMatch) {
  const std::string empty =
      " is an empty list, which matches nothing: name one, or remove the line";
  expect_complaints({
      {owner("{labels: {rol: [web]}}"),
       "p.yml:4:42: the label 'rol' is not declared, did you mean 'role'?"},
      {owner("{labels: {tier: [web]}}"),
       "p.yml:4:43: the label 'tier' is not declared: add it below 'labels:' at the top of a "
       "policy file, with the values it may have or none for any"},
      {owner("{labels: {site: [fra, par]}}"),
       "p.yml:4:49: no value of the label 'site' is 'par': 'labels:' declares fra, ams"},
      {owner("{labels: {site: [b*]}}"),
       "p.yml:4:44: no value of the label 'site' is 'b*': 'labels:' declares fra, ams"},
      {owner("{labels: {site: fra}}"), "p.yml:4:43: 'site' must be a list, not a single value"},
      {owner("{labels: {site: []}}"), "p.yml:4:43: 'site'" + empty},
      {owner("{labels: {}}"), "p.yml:4:36: 'labels' names none: name one, or remove the line"},
      {owner("{labels: }"), "p.yml:4:36: 'labels' names none: name one, or remove the line"},
      {owner("{hosts: []}"), "p.yml:4:35: 'hosts'" + empty},
      {owner("{hosts: [web 1]}"),
       "p.yml:4:36: no host can be called 'web 1': names have letters, digits, '.', '-' and '_'; "
       "'*' stands for any of them"},
      {owner("{os: [Debian]}"),
       "p.yml:4:33: no operating system has the id 'Debian': write it as ID (or ID:VERSION_ID) of "
       "/etc/os-release, like debian or \"ubuntu:22.04\""},
      {owner("{os: []}"), "p.yml:4:32: 'os'" + empty},
      {owner("{groups: []}"), "p.yml:4:36: 'groups'" + empty},
      {owner("{groups: [dmz]}"), "p.yml:4:37: there is no group 'dmz'"},
      {owner("{kind: server}"),
       "p.yml:4:34: 'kind' is 'server', but must be one of host, target, tcp, tls, domain, zone, "
       "lookalikes"},
      {owner("{not: {}}"),
       "p.yml:4:33: it takes out all that the selector has, so nothing is left"},
      {owner("{hosts: [a], os: [debian], not: {hosts: [a]}}"),
       "p.yml:4:59: it takes out all that the selector has, so nothing is left"},
      {owner("{not: }"), "p.yml:4:33: 'not' says nothing: remove the line"},
      {owner("{may_be_empty: yes}"), "p.yml:4:42: 'may_be_empty' must be true or false, not 'yes'"},
      {owner("{host: [a]}"), "p.yml:4:28: unknown key 'host', did you mean 'hosts'?"},
      {owner("{hosts: " + list_of(1001, "h") + "}"),
       "p.yml:4:35: 'hosts' has more than 1000 items"},
      {owner("{hosts: [" + std::string(254, 'h') + "]}"),
       "p.yml:4:36: 'hosts' has items of 1 to 253 bytes without control characters"},
  });
}

TEST(PolicyFileSelectors, MustBeWrittenOutToMeanEveryHost) {
  expect_complaints({
      {"  - {id: b, title: B, rule: host_reporting, applies_to: }\n",
       "p.yml:3:57: 'applies_to' selects nothing: write {} for every host"},
      {"owners: [{team: t}]\n", "p.yml:3:10: 'match' is missing"},
      {"owners: [{team: t, match: }]\n",
       "p.yml:3:27: 'match' selects nothing: write {} for every host and target"},
      {"owners: [{team: t, match: web}]\n",
       "p.yml:3:27: 'match' must be a map, not a single value"},
  });
  EXPECT_EQ(complaint_of(shortest_policy + "owners: [{team: t, match: {}}]\n"), "");
}

// What nothing of the kind has, with what to write.
TEST(PolicyFileSelectors, AskHostsAndTargetsOnlyForWhatTheyHave) {
  const auto control = [](const std::string& rule, const std::string& applies_to) {
    return "  - {id: b, title: B, rule: " + rule + ", applies_to: " + applies_to + "}\n";
  };
  expect_complaints({
      {control("host_reporting", "{targets: [shop]}"),
       "p.yml:3:67: 'targets' names targets, and this selector is about hosts: add 'kind: target' "
       "to it, or name hosts in 'hosts'"},
      {control("tcp_answers", "{kind: tcp, hosts: [web1]}"),
       "p.yml:3:73: 'hosts' is of hosts, and this selector is about targets: name them in "
       "'targets'"},
      {control("tcp_answers", "{kind: tcp, os: [debian]}"),
       "p.yml:3:70: 'os' is of hosts, and this selector is about targets: remove the line"},
      {owner("{targets: [a], hosts: [b]}"),
       "p.yml:4:49: 'hosts' is of hosts, and this selector is about targets: name them in "
       "'targets'"},
      {owner("{targets: ['shop web']}"),
       "p.yml:4:38: no target can be called 'shop web': names have letters, digits, '.', '-', "
       "'_', ':' and brackets; '*' stands for any of them"},
      {owner("{targets: [" + std::string(508, 't') + "]}"),
       "p.yml:4:38: 'targets' has items of 1 to 507 bytes without control characters"},
      {owner("{kind: tcp, not: {kind: target}}"),
       "p.yml:4:44: it takes out all that the selector has, so nothing is left"},
      {owner("{targets: [a], not: {targets: [a]}}"),
       "p.yml:4:47: it takes out all that the selector has, so nothing is left"},
  });
  EXPECT_EQ(complaint_of(shortest_policy + owner("{kind: target, not: {kind: tcp}}")), "");
  EXPECT_EQ(complaint_of(shortest_policy +
                         owner("{targets: ['*.example.org:443', 'web1/*', '[[]2001:db8::*']}")),
            "");
}

TEST(PolicyFileSelectors, AreAboutTheKindOfWhatTheyAreWrittenIn) {
  const absl::StatusOr<Policy> policy = parse_policy(
      "labels: {site: }\n"
      "controls:\n"
      "  - {id: a, title: A, rule: host_reporting}\n"
      "  - {id: b, title: B, rule: tcp_answers, applies_to: {kind: tcp, not: {targets: [x]}}}\n"
      "  - {id: c, title: C, rule: waivers_current, applies_to: {kind: target}}\n"
      "groups: [{name: g, any_of: [{labels: {site: [fra]}}, {hosts: [h]}, {targets: [t]}]}]\n"
      "owners: [{team: t, match: {os: [debian]}}, {team: u, match: {not: {targets: [t]}}}]\n"
      "waivers:\n"
      "  - {id: v, control: a, match: {}, reason: R, approved_by: A, starts: 2026-11-01,"
      " ends: 2026-12-01}\n"
      "  - {id: w, control: b, match: {targets: [t]}, reason: R, approved_by: A,"
      " starts: 2026-11-01, ends: 2026-12-01}\n"
      "maintenance: [{name: m, match: {}, weekdays: [sunday], from: '02:00', lasts: 4h}]\n",
      "p.yml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->controls[0].applies_to.kind, "host");
  EXPECT_EQ(policy->controls[1].applies_to.kind, "tcp");
  EXPECT_EQ(policy->controls[1].applies_to.except[0].kind, "tcp");
  EXPECT_EQ(policy->controls[1].applies_to.except[0].hosts, std::vector<std::string>{"x"});
  EXPECT_EQ(policy->controls[2].applies_to.kind, "target");
  EXPECT_EQ(policy->groups[0].any_of[0].kind, "");
  EXPECT_EQ(policy->groups[0].any_of[1].kind, "host");
  EXPECT_EQ(policy->groups[0].any_of[2].kind, "target");
  EXPECT_EQ(policy->owners[0].match.kind, "host");
  EXPECT_EQ(policy->owners[1].match.kind, "");
  EXPECT_EQ(policy->owners[1].match.except[0].kind, "target");
  EXPECT_EQ(policy->waivers[0].match.kind, "host");
  EXPECT_EQ(policy->waivers[1].match.kind, "tcp");
  EXPECT_EQ(policy->maintenance[0].match.kind, "");
}

TEST(PolicyFileControls, AreOfTheKindThatTheirRuleJudges) {
  expect_complaints({
      {"  - {id: b, title: B, rule: tcp_answers}\n",
       "p.yml:3:29: the rule tcp_answers judges targets of the kind tcp: write 'applies_to: "
       "{kind: tcp}', with what else there is"},
      {"  - {id: b, title: B, rule: tcp_answers, applies_to: {kind: target}}\n",
       "p.yml:3:54: the rule tcp_answers judges targets of the kind tcp: write 'applies_to: "
       "{kind: tcp}', with what else there is"},
      {"  - {id: b, title: B, rule: agent_sees_all, applies_to: {kind: tcp}}\n",
       "p.yml:3:57: the rule agent_sees_all judges hosts: remove 'kind: tcp', or take a rule that "
       "judges targets"},
      {"waivers: [{id: w, control: a, match: {kind: tcp}, reason: R, approved_by: A, starts: "
       "2026-11-01, ends: 2026-12-01}]\n",
       "p.yml:3:38: it is about the kind 'tcp', and its control a about the kind 'host': remove "
       "the line with 'kind'"},
  });
}

TEST(PolicyFileGroups, MayNotNameThemselvesThroughOthers) {
  expect_complaints({
      {"groups:\n"
       "  - {name: a, any_of: [{groups: [b]}]}\n"
       "  - {name: b, any_of: [{hosts: [h]}, {hosts: [i], not: {groups: [c]}}]}\n"
       "  - {name: c, any_of: [{groups: [a]}]}\n",
       "p.yml:4:12: the groups name each other in a circle: a -> b -> c -> a: take one of them "
       "out"},
      {"groups: [{name: a, any_of: [{groups: [a]}]}]\n",
       "p.yml:3:17: the groups name each other in a circle: a -> a: take one of them out"},
      {"groups: [{name: web, any_of: [{groups: [wbe]}]}]\n",
       "p.yml:3:41: there is no group 'wbe', did you mean 'web'?"},
  });
}

TEST(PolicyFileGroups, AreRefusedWithoutANameOrASelector) {
  expect_complaints({
      {"groups: [{any_of: [{}]}]\n", "p.yml:3:10: 'name' is missing"},
      {"groups: [{name: a b, any_of: [{}]}]\n",
       "p.yml:3:17: 'name' must be 1 to 64 letters, digits and dashes, not 'a b'"},
      {"groups: [{name: a}]\n", "p.yml:3:10: 'any_of' is missing"},
      {"groups: [{name: a, any_of: []}]\n",
       "p.yml:3:28: a group without selectors has no host: give it one, or remove it"},
      {"groups: [{name: a, any_of: }]\n",
       "p.yml:3:20: 'any_of' has no value: give it one or remove the line"},
      {"groups: [{name: a, any_of: " + list_of(101) + "}]\n",
       "p.yml:3:28: a group has at most 100 selectors"},
      {"groups: [{name: a, any_of: [{}], title: " + std::string(201, 't') + "}]\n",
       "p.yml:3:41: 'title' has more than 200 bytes"},
  });
}

TEST(PolicyFileGroups, MayBeAsManyBehindEachOtherAsThereMayBe) {
  std::string text = shortest_policy + "groups:\n";
  for (int i = 0; i < 500; ++i) {
    text += "  - {name: g" + std::to_string(i) + ", any_of: [{" +
            (i < 499 ? "groups: [g" + std::to_string(i + 1) + "]" : "hosts: [a]") + "}]}\n";
  }
  const absl::StatusOr<Policy> policy = parse_policy(text, "p.yml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->groups.front().name, "g499");
  EXPECT_EQ(policy->groups.back().any_of[0].groups, std::vector<size_t>{498});
}

TEST(PolicyFileOwners, AreRefusedWithoutATeamAndWithTooMuch) {
  expect_complaints({
      {"owners: [{match: {}}]\n", "p.yml:3:10: 'team' is missing"},
      {"owners: [{team: '', match: {}}]\n", "p.yml:3:17: 'team' says nothing"},
      {"owners: [{team: " + std::string(65, 't') + ", match: {}}]\n",
       "p.yml:3:17: 'team' has more than 64 bytes"},
      {"owners: [{team: \"a\\eb\", match: {}}]\n",
       "p.yml:3:17: 'team' has control characters: remove them"},
      {"owners: [{team: t, match: {}, contact: " + std::string(201, 'c') + "}]\n",
       "p.yml:3:40: 'contact' has more than 200 bytes"},
  });
}

}  // namespace
}  // namespace muster::policy
