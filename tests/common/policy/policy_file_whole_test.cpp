// Policies of several files, and what is bounded over all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "common/policy/policy_file.h"
#include "tests/common/policy/policy_file_complaints.h"

namespace muster::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using namespace std::chrono_literals;

constexpr const char* kFleet = R"(
labels:
  site: [fra, ams]
  role:
groups:
  - name: internet-facing
    title: Reached from outside
    any_of:
      - labels: {role: [web, mail*]}
      - groups: [dmz]
  - name: dmz
    any_of:
      - hosts: [dmz-*]
        not: {os: ["debian:11", ubuntu]}
        may_be_empty: true
owners:
  - team: web-operations
    match: {groups: [internet-facing], kind: host}
    contact: web@example.org
    escalation: "+49 30 1234567"
)";

constexpr const char* kRules = R"(
deadlines: {critical: 3d, high: 7d, medium: 30d, low: 90d}
controls:
  - id: updates
    title: Updates are in
    rule: security_updates
    severity: high
    deadline: by-severity
    applies_to: {groups: [dmz]}
    frameworks: {cis-8: ["7.3", "7.4"], nist-800-53: [SI-2, SI-2(5)]}
  - id: lists
    title: Lists are fresh
    rule: package_lists_fresh
    deadline: {critical: 1h, high: 2h, medium: 3h, low: 4h}
)";

constexpr const char* kCalendar = R"(
waiver_limit: 92d
waivers:
  - id: kernel-freeze
    control: updates
    match: {labels: {site: [fra]}}
    subjects: ["linux-image-*"]
    reason: >
      The vendor supports
      no later kernel.
    approved_by: j.doe
    ticket: OPS-123
    starts: 2026-11-01
    ends: 2027-02-01T00:00:00Z
maintenance:
  - {name: patch-sunday, match: {}, weekdays: [sunday, saturday], from: "02:30", lasts: 4h}
  - {name: move, match: {hosts: [a]}, starts: 2026-12-01T08:00:00Z, ends: 2026-12-02}
dates:
  - {name: Support of the SAN, kind: support-contract, owner: storage, date: 2027-03-31,
     labels: {site: fra}, detail: Contract 4711}
)";

std::vector<PolicyText> three_files() {
  return {{.name = "p.d/10-fleet.yml", .text = kFleet},
          {.name = "p.d/20-rules.yml", .text = kRules},
          {.name = "p.d/30-calendar.yml", .text = kCalendar}};
}

TEST(PolicyFiles, AreOnePolicy) {
  const absl::StatusOr<Policy> policy = parse_policy(three_files());
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(policy->labels,
              ElementsAre(Pair("role", IsEmpty()), Pair("site", ElementsAre("fra", "ams"))));

  // A group comes after those that it names.
  ASSERT_EQ(policy->groups.size(), 2U);
  EXPECT_EQ(policy->groups[0], (Group{.name = "dmz",
                                      .title = {},
                                      .any_of = {{.hosts = {"dmz-*"},
                                                  .except = {{.os = {"debian:11", "ubuntu"}}},
                                                  .may_be_empty = true}},
                                      .place = {}}));
  EXPECT_EQ(policy->groups[1],
            (Group{.name = "internet-facing",
                   .title = "Reached from outside",
                   .any_of = {{.kind = "", .labels = {{"role", {"web", "mail*"}}}},
                              {.kind = "", .groups = {0}}},
                   .place = {}}));
  EXPECT_EQ(policy->groups[1].place.text, "p.d/10-fleet.yml:6:5");
  EXPECT_EQ(policy->groups[1].any_of[1].place.text, "p.d/10-fleet.yml:10:9");

  EXPECT_THAT(policy->owners, ElementsAre(Owner{.team = "web-operations",
                                                .match = {.groups = {1}},
                                                .contact = "web@example.org",
                                                .escalation = "+49 30 1234567"}));

  ASSERT_EQ(policy->controls.size(), 2U);
  EXPECT_EQ(policy->controls[0].deadlines,
            (Deadlines{.low = days(90), .medium = days(30), .high = days(7), .critical = days(3)}));
  EXPECT_EQ(policy->controls[0].applies_to, Selector{.groups = {0}});
  EXPECT_EQ(policy->controls[0].applies_to.place.text, "p.d/20-rules.yml:9:17");
  EXPECT_THAT(policy->controls[0].frameworks,
              ElementsAre(Pair("cis-8", ElementsAre("7.3", "7.4")),
                          Pair("nist-800-53", ElementsAre("SI-2", "SI-2(5)"))));
  EXPECT_EQ(
      policy->controls[1].deadlines,
      (Deadlines{.low = hours(4), .medium = hours(3), .high = hours(2), .critical = hours(1)}));
  EXPECT_EQ(policy->controls[1].applies_to, Selector{});

  EXPECT_THAT(policy->waivers, ElementsAre(Waiver{.id = "kernel-freeze",
                                                  .control = "updates",
                                                  .match = {.labels = {{"site", {"fra"}}}},
                                                  .subjects = {"linux-image-*"},
                                                  .reason = "The vendor supports no later kernel.",
                                                  .approved_by = "j.doe",
                                                  .ticket = "OPS-123",
                                                  .starts = sys_days(2026y / 11 / 1),
                                                  .ends = sys_days(2027y / 2 / 1)}));
  EXPECT_THAT(policy->maintenance,
              ElementsAre(MaintenanceWindow{.name = "patch-sunday",
                                            .match = {.kind = ""},
                                            .weekdays = 0b1000001,
                                            .from = hours(2) + 30min,
                                            .lasts = hours(4),
                                            .starts = {},
                                            .ends = {},
                                            .place = {}},
                          MaintenanceWindow{.name = "move",
                                            .match = {.hosts = {"a"}},
                                            .starts = sys_days(2026y / 12 / 1) + hours(8),
                                            .ends = sys_days(2026y / 12 / 2),
                                            .place = {}}));
  EXPECT_THAT(policy->dates, ElementsAre(KeptDate{.name = "Support of the SAN",
                                                  .kind = "support-contract",
                                                  .owner = "storage",
                                                  .date = sys_days(2027y / 3 / 31),
                                                  .labels = {{"site", "fra"}},
                                                  .detail = "Contract 4711"}));
}

TEST(PolicyFiles, HaveADigestOfTheirNamesAndBytesWhereverTheyAre) {
  const std::vector<PolicyText> texts = three_files();
  const std::string digest = parse_policy(texts)->sha256;
  EXPECT_EQ(digest.size(), 64U);
  std::vector<PolicyText> elsewhere = texts;
  for (PolicyText& text : elsewhere)
    text.name = "/etc/" + text.name;
  EXPECT_EQ(parse_policy(elsewhere)->sha256, digest);
  std::vector<PolicyText> longer = texts;
  longer[0].text += "\n";
  EXPECT_NE(parse_policy(longer)->sha256, digest);
  std::vector<PolicyText> renamed = texts;
  renamed[0].name = "p.d/11-fleet.yml";
  EXPECT_NE(parse_policy(renamed)->sha256, digest);
  // What moves from the end of one file to the begin of the next.
  std::vector<PolicyText> moved = texts;
  moved[1].text.insert(0, "\n");
  EXPECT_NE(parse_policy(longer)->sha256, parse_policy(moved)->sha256);
}

TEST(PolicyFiles, ComplainOfWhatIsInTwoOfThemWithBothPlaces) {
  const std::string all = shortest_policy +
                          "labels: {site: }\n"
                          "groups: [{name: g, any_of: [{hosts: [a]}]}]\n"
                          "owners: [{team: t, match: {}}]\n"
                          "deadlines: {critical: 1d, high: 1d, medium: 1d, low: 1d}\n"
                          "waiver_limit: 30d\n"
                          "waivers: [{id: w, control: a, match: {}, reason: r, approved_by: b, "
                          "starts: 2026-01-01, ends: 2026-01-02}]\n"
                          "maintenance: [{name: m, match: {}, weekdays: [monday], from: '00:00', "
                          "lasts: 1h}]\n"
                          "dates: [{name: d, kind: k, owner: o, date: 2026-01-01}]\n";
  const std::array<PolicyText, 2> texts = {
      {{.name = "a.yml", .text = all}, {.name = "b.yml", .text = all}}};
  EXPECT_EQ(parse_policy(texts).status(),
            absl::InvalidArgumentError(
                "b.yml:2:10: the id 'a' comes twice, first at a.yml:2:10\n"
                "b.yml:3:16: the label 'site' comes twice, first at a.yml:3:16\n"
                "b.yml:4:17: the group 'g' comes twice, first at a.yml:4:17\n"
                "b.yml:5:17: the team 't' comes twice, first at a.yml:5:17\n"
                "b.yml:6:12: the key 'deadlines' comes twice, first at a.yml:6:12\n"
                "b.yml:7:15: the key 'waiver_limit' comes twice, first at a.yml:7:15\n"
                "b.yml:8:16: the waiver 'w' comes twice, first at a.yml:8:16\n"
                "b.yml:9:22: the maintenance window 'm' comes twice, first at a.yml:9:22\n"
                "b.yml:10:16: the date 'd' comes twice, first at a.yml:10:16"));
}

TEST(PolicyFiles, NeedControlsInOneOfThem) {
  const std::array<PolicyText, 2> without = {
      {{.name = "a.yml", .text = "dates: []"}, {.name = "b.yml", .text = ""}}};
  EXPECT_EQ(parse_policy(without).status(),
            absl::InvalidArgumentError("a.yml:1:1: 'controls' is missing"));
  const std::array<PolicyText, 2> empty = {
      {{.name = "a.yml", .text = "dates: []"}, {.name = "b.yml", .text = "controls:\n"}}};
  EXPECT_EQ(parse_policy(empty).status(),
            absl::InvalidArgumentError("b.yml:2:1: a policy without controls judges nothing"));
  EXPECT_EQ(parse_policy(std::span<const PolicyText>()).status(),
            absl::InvalidArgumentError("a policy needs at least one file"));
}

TEST(PolicyFiles, TellWhatIsNoYamlOfEachOfThem) {
  const std::array<PolicyText, 3> texts = {{{.name = "a.yml", .text = "- a"},
                                            {.name = "b.yml", .text = shortest_policy},
                                            {.name = "c.yml", .text = "a: 1\na: 2"}}};
  EXPECT_EQ(parse_policy(texts).status(),
            absl::InvalidArgumentError("a.yml:1:1: must be a map of keys and values at the top\n"
                                       "c.yml:2:1: the key 'a' comes twice, first in line 1"));
}

TEST(PolicyFiles, AreFourMebibytesTogether) {
  const std::array<PolicyText, 2> texts = {
      {{.name = "a.yml", .text = shortest_policy + "#" + std::string(kLargestPolicy / 2, 'x')},
       {.name = "b.yml", .text = "#" + std::string(kLargestPolicy / 2, 'x')}}};
  EXPECT_EQ(
      parse_policy(texts).status(),
      absl::InvalidArgumentError("b.yml:1:1: with this file the policy is larger than 4 MiB"));
}

TEST(PolicyFiles, AreBoundedInEveryListTogether) {
  struct List {
    std::string key;
    size_t most;
  };
  for (const auto& [key, most] : std::vector<List>{{"controls", 500},
                                                   {"groups", 500},
                                                   {"owners", 500},
                                                   {"waivers", 2000},
                                                   {"maintenance", 500},
                                                   {"dates", 2000}}) {
    const std::string begin = key == "controls" ? "" : shortest_policy;
    const std::array<PolicyText, 2> texts = {
        {{.name = "a.yml", .text = begin + key + ": " + list_of(most)},
         {.name = "b.yml", .text = key + ": [x]"}}};
    EXPECT_EQ(parse_policy(texts).status().message(), "b.yml:1:" + std::to_string(key.size() + 3) +
                                                          ": more than " + std::to_string(most) +
                                                          " " + key + " in the policy");
  }
}

TEST(PolicyFiles, GetAHundredComplaintsAndHowManyMoreThereAre) {
  std::string text = shortest_policy;
  for (int i = 0; i < 103; ++i)
    text += "key" + std::to_string(i) + ": 1\n";
  const std::string said = complaint_of(text);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 100);
  EXPECT_THAT(said, HasSubstr("p.yml:102:1: unknown key 'key99'"));
  EXPECT_TRUE(said.ends_with("\nand 3 more")) << said;
}

}  // namespace
}  // namespace muster::policy
