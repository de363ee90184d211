#include "collector/policy_words/policy_diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace muster::collector {
namespace {

using policy::Policy;
using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint kStart{std::chrono::seconds(1'800'000'000)};

Policy house() {
  Policy policy;
  policy.labels = {{"site", {"fra", "ams"}}};
  policy.groups = {{.name = "dmz", .any_of = {{.hosts = {"web*"}}}}};
  policy.controls = {{.id = "updates",
                      .title = "Updates are in",
                      .rule = "security_updates",
                      .severity = v1::SEVERITY_HIGH,
                      .deadlines = policy::Deadlines::all(days(14))},
                     {.id = "reporting", .title = "Reports", .rule = "host_reporting"}};
  policy.owners = {{.team = "web", .match = {.groups = {0}}, .contact = "web@example.org"},
                   {.team = "ops", .match = {}}};
  policy.waivers = {{.id = "freeze",
                     .control = "updates",
                     .match = {.hosts = {"db1"}},
                     .starts = kStart,
                     .ends = kStart + days(30)}};
  policy.maintenance = {{.name = "sunday",
                         .match = {},
                         .weekdays = 1,
                         .from = std::chrono::hours(2),
                         .lasts = std::chrono::hours(4)}};
  policy.dates = {{.name = "SAN", .kind = "support", .owner = "storage", .date = kStart}};
  return policy;
}

// "control x changed: a; b".
std::vector<std::string> told(const Policy& before, const Policy& after) {
  static constexpr const char* kKinds[] = {"", "added", "removed", "changed"};
  std::vector<std::string> lines;
  for (const v1::PolicyDifference& difference : policy_differences(before, after)) {
    lines.push_back(fmt::format("{} {}: {}", difference.of(), kKinds[difference.kind()],
                                fmt::join(difference.details(), "; ")));
  }
  return lines;
}

TEST(PolicyDifferences, ThereAreNoneBetweenAPolicyAndItselfInAnotherOrder) {
  Policy other = house();
  std::swap(other.controls[0], other.controls[1]);
  other.sha256 = "other comments";
  other.controls[0].place.text = "elsewhere.yml:1:1";
  EXPECT_THAT(told(house(), other), IsEmpty());
}

TEST(PolicyDifferences, SayWhatIsAnotherThingByThing) {
  struct Case {
    std::function<void(Policy&)> change;
    std::string line;
  };
  const Case cases[] = {
      {[](Policy& p) { p.controls[0].deadlines = policy::Deadlines::all(days(7)); },
       "control updates changed: deadline: 14d -> 7d"},
      {[](Policy& p) {
         p.controls[0].severity = v1::SEVERITY_CRITICAL;
         p.controls[0].frameworks["nis2"] = {"6.6"};
       },
       "control updates changed: framework nis2: none -> 6.6; severity: high -> critical"},
      {[](Policy& p) {
         p.controls[1].parameters = {{"silent_after", Duration(std::chrono::hours(1))}};
       },
       "control reporting changed: silent_after: 15m -> 1h"},
      {[](Policy& p) { p.controls[0].applies_to.groups = {0}; },
       "control updates changed: applies to: every host -> hosts in the group dmz"},
      {[](Policy& p) { p.controls.pop_back(); },
       "control reporting removed: applies to: every host; rule: host_reporting; severity: medium; "
       "silent_after: 15m; title: Reports"},
      {[](Policy& p) { p.waivers[0].ends += days(30); },
       "waiver freeze changed: ends: 2027-02-14T08:00:00Z -> 2027-03-16T08:00:00Z"},
      {[](Policy& p) { p.waivers[0].subjects = {"linux-*"}; },
       "waiver freeze changed: subjects: none -> linux-*"},
      {[](Policy& p) { std::swap(p.owners[0], p.owners[1]); },
       "owner ops changed: place in the list: 2 -> 1"},
      {[](Policy& p) { p.groups[0].any_of.push_back({.hosts = {"mail1"}}); },
       "group dmz changed: any of: hosts web* -> hosts web*; hosts mail1"},
      {[](Policy& p) { p.maintenance[0].weekdays = 3; },
       "window sunday changed: weekdays: sunday -> sunday, monday"},
      {[](Policy& p) { p.dates[0].date += days(1); },
       "date SAN changed: date: 2027-01-15 -> 2027-01-16"},
      {[](Policy& p) { p.dates[0].detail = "Contract 4711"; },
       "date SAN changed: detail: none -> Contract 4711"},
      {[](Policy& p) {
         p.dates[0].labels = {{"site", "fra"}};
       },
       "date SAN changed: labels: none -> site=fra"},
      {[](Policy& p) { p.labels["site"] = {}; }, "label site changed: values: fra, ams -> any"},
      {[](Policy& p) { p.labels["role"] = {}; }, "label role added: values: any"},
  };
  for (const Case& c : cases) {
    Policy other = house();
    c.change(other);
    const std::vector<std::string> lines = told(house(), other);
    ASSERT_FALSE(lines.empty()) << c.line;
    EXPECT_EQ(lines.front(), c.line);
  }
}

TEST(PolicyDifferences, TellThoseOfOneNameApart) {
  Policy other = house();
  other.owners.push_back({.team = "web", .match = {.hosts = {"www"}}});
  EXPECT_THAT(told(house(), other),
              ElementsAre("owner web (2) added: match: hosts www; place in the list: 3"));
}

}  // namespace
}  // namespace muster::collector
