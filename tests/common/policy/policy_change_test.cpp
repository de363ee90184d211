// What is carried over from one policy to the next.
#include "common/policy/policy_change.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/common/policy/facts.h"
#include "tests/common/policy/random_world.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Policy two_controls() {
  return {.controls = {{.id = "sandbox", .title = "Sandbox", .rule = "agent_sandboxed"},
                       {.id = "waivers", .title = "Waivers", .rule = "waivers_current"}}};
}

Waiver a_waiver() {
  return {.id = "w", .control = "sandbox", .starts = kNow, .ends = kNow + days(30)};
}

// The ids of the controls after whose standing is kept, of a host web1.
std::vector<std::string> kept(const Policy& before, const Policy& after) {
  const PolicyChange change(std::make_shared<const Policy>(before),
                            std::make_shared<const Policy>(after));
  const HostTraits web1{.name = "web1"};
  const std::vector<Standing> standings(before.controls.size(),
                                        Standing{.valid_until = kNow + days(1)});
  const std::vector<Standing> carried =
      change.carry(scope_of(before, web1), scope_of(after, web1), standings);
  std::vector<std::string> ids;
  for (size_t i = 0; i < carried.size(); ++i) {
    if (carried[i].valid_until != TimePoint::min()) ids.push_back(after.controls[i].id);
  }
  return ids;
}

TEST(PolicyChange, KeepsWhatIsAskedOfTheHostAsBeforeWhateverItIsCalledAndWhereverItStands) {
  Policy after = two_controls();
  after.sha256 = "other";
  after.controls[0].title = "In a sandbox";
  after.controls[0].frameworks = {{"cis-8", {"4.1"}}};
  after.controls[0].applies_to.hosts = {"web*"};
  std::swap(after.controls[0], after.controls[1]);
  after.controls.insert(after.controls.begin(),
                        {.id = "new", .title = "New", .rule = "agent_sees_all"});
  EXPECT_THAT(kept(two_controls(), after), ElementsAre("waivers", "sandbox"));
}

TEST(PolicyChange, KeepsNothingOfAControlThatAsksForSomethingElse) {
  Policy severe = two_controls();
  severe.controls[0].severity = v1::SEVERITY_CRITICAL;
  EXPECT_THAT(kept(two_controls(), severe), ElementsAre("waivers"));
  Policy in_time = two_controls();
  in_time.controls[0].deadlines = Deadlines::all(days(1));
  EXPECT_THAT(kept(two_controls(), in_time), ElementsAre("waivers"));
  Policy of_others = two_controls();
  of_others.controls[0].applies_to.hosts = {"db*"};
  EXPECT_THAT(kept(two_controls(), of_others), ElementsAre("waivers"));
  EXPECT_THAT(kept(of_others, two_controls()), ElementsAre("waivers"));
  EXPECT_THAT(kept({}, two_controls()), IsEmpty());
}

TEST(PolicyChange, OfBaselinesTouchesThoseThatLookAtBaselines) {
  Policy before = two_controls();
  before.controls.push_back({.id = "firmware", .title = "F", .rule = "firmware_baseline"});
  before.baselines.entries = {{.id = "a", .minimum = "1.0", .source = "a site"}};
  Policy after = before;
  after.baselines.entries[0].source = "another site";
  EXPECT_THAT(kept(before, after), ElementsAre("sandbox", "waivers", "firmware"));
  after.baselines.entries[0].minimum = "1.1";
  EXPECT_THAT(kept(before, after), ElementsAre("sandbox", "waivers"));
  after.baselines.entries.clear();
  EXPECT_THAT(kept(before, after), ElementsAre("sandbox", "waivers"));
}

TEST(PolicyChange, OfAWaiverTouchesItsControlAndThoseThatLookAtWaivers) {
  Policy with = two_controls();
  with.controls.push_back({.id = "other", .title = "Other", .rule = "agent_sees_all"});
  const Policy without = with;
  with.waivers = {a_waiver()};
  EXPECT_THAT(kept(without, with), ElementsAre("other"));
  EXPECT_THAT(kept(with, without), ElementsAre("other"));
  Policy longer = with;
  longer.waivers[0].ends += days(1);
  EXPECT_THAT(kept(with, longer), ElementsAre("other"));
  Policy elsewhere = with;
  elsewhere.waivers[0].match.hosts = {"db*"};
  EXPECT_THAT(kept(with, elsewhere), ElementsAre("other"));
  Policy reworded = with;
  reworded.waivers[0].reason = "there is a better reason";
  reworded.waivers.insert(reworded.waivers.begin(), a_waiver());
  reworded.waivers[0].id = "of-others";
  reworded.waivers[0].match.hosts = {"db*"};
  EXPECT_THAT(kept(with, reworded), ElementsAre("sandbox", "waivers", "other"));
}

std::string line_of(const Standing& standing) {
  return fmt::format("{} unknown={} deadline={}", static_cast<int>(standing.status),
                     standing.has_unknown, standing.deadline.time_since_epoch().count());
}

// Some parts of the one and some of the other, in any order.
template <typename Part>
std::vector<Part> mix(RandomWorld& world, const std::vector<Part>& one,
                      const std::vector<Part>& other) {
  std::vector<Part> mixed;
  for (const std::vector<Part>* parts : {&one, &other}) {
    for (const Part& part : *parts) {
      const auto is_there = [&part](const Part& known) { return known.id == part.id; };
      if (world.chance(20) || std::any_of(mixed.begin(), mixed.end(), is_there)) continue;
      const auto place = mixed.begin() + world.pick(0, std::ssize(mixed));
      mixed.insert(place, part);
    }
  }
  return mixed;
}

Policy mix(RandomWorld& world, const Policy& one, const Policy& other) {
  Policy mixed = world.chance(50) ? one : other;
  const bool one_first = world.chance(50);
  const Policy& first = one_first ? one : other;
  const Policy& second = one_first ? other : one;
  mixed.controls = mix(world, first.controls, second.controls);
  mixed.waivers = mix(world, first.waivers, second.waivers);
  return mixed;
}

TEST(PolicyChange, ThroughAnyPoliciesAndTimesGivesWhatJudgingEverythingAnewGives) {
  int kept_ones = 0;
  for (uint32_t seed = 0; seed < 150; ++seed) {
    RandomWorld world(seed);
    const RandomWorld other(seed + 10'000);
    auto policy = std::make_shared<const Policy>(world.policy());
    HostOs os = os_of(world.view().sections);
    HostScope scope = scope_of(*policy, traits_of(world.view(), os));
    TimePoint now = kNow;
    Evaluation held = evaluate_changed(world.view(), {}, *policy, scope, now, {}, {});
    for (int step = 0; step < 20; ++step) {
      // Its timer comes before a reload does.
      now += world.up_to(world.chance(70) ? Duration(hours(2)) : days(3));
      held =
          evaluate_changed(world.view(), held.first_seen, *policy, scope, now, held.standings, {});
      std::vector<std::string> changed;
      if (world.chance(20)) changed.push_back(world.change(now));
      const std::vector<std::string_view> probes(changed.begin(), changed.end());

      const auto next =
          world.chance(20)
              ? policy
              : std::make_shared<const Policy>(mix(world, world.policy(), other.policy()));
      os = os_of(world.view().sections);
      const HostScope next_scope = scope_of(*next, traits_of(world.view(), os));
      const std::vector<Standing> carried =
          PolicyChange(policy, next).carry(scope, next_scope, held.standings);
      kept_ones += static_cast<int>(
          std::count_if(carried.begin(), carried.end(),
                        [now](const Standing& standing) { return standing.valid_until > now; }));
      const Evaluation anew = evaluate(world.view(), held.first_seen, *next, now);
      held =
          evaluate_carried(world.view(), held.first_seen, *next, next_scope, now, carried, probes);
      policy = next;
      scope = next_scope;
      ASSERT_EQ(held.first_seen, anew.first_seen) << seed;
      for (size_t i = 0; i < anew.standings.size(); ++i) {
        ASSERT_EQ(line_of(held.standings[i]), line_of(anew.standings[i]))
            << seed << " " << next->controls[i].id;
        ASSERT_LE(held.standings[i].valid_until, anew.standings[i].valid_until) << seed;
        ASSERT_GT(held.standings[i].valid_until, now) << seed;
      }
    }
  }
  EXPECT_GT(kept_ones, 5'000);
}

}  // namespace
}  // namespace muster::policy
