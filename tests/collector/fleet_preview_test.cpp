#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/fleet/fleet.h"
#include "muster/v1/agent_facts.pb.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

policy::Control reporting_within(Duration time) {
  return {.id = "reporting",
          .title = "The host reports",
          .rule = "host_reporting",
          .parameters = {{"silent_after", time}}};
}

policy::Control sandbox() {
  return {.id = "sandbox", .title = "The agent is in its sandbox", .rule = "agent_sandboxed"};
}

std::vector<std::string> lines(const PolicyPreview& preview) {
  std::vector<std::string> result;
  for (const PolicyPreview::Change& change : preview.changes) {
    result.push_back(fmt::format("{} {}: {} -> {} ({})", change.host, change.control,
                                 policy::status_name(change.before),
                                 policy::status_name(change.after), change.summary));
  }
  return result;
}

// web2 and web1 have reported; new1 never did.
class FleetPreview : public testing::Test {
 protected:
  FleetPreview() : fleet_(clock_, store_, policy_of({reporting_within(minutes(10))})) {
    for (const std::string name : {"web2", "web1", "new1"})
      enrol(name);
    report("web1");
    report("web2");
  }

  static std::shared_ptr<policy::Policy> policy_of(std::vector<policy::Control> controls) {
    auto policy = std::make_shared<policy::Policy>();
    policy->controls = std::move(controls);
    return policy;
  }

  void enrol(const std::string& name) {
    HostRecord host;
    host.id = name;
    host.name = name;
    host.enrolled_at = clock_.now();
    fleet_.add_host(std::move(host));
  }

  void report(const std::string& id) {
    const v1::SyncRequest request = a_report(clock_.now(), "Debian 12");
    fleet_.apply_sync(*fleet_.plan_sync(id, request), request);
  }

  void report_without_landlock(const std::string& id) {
    v1::AgentFacts facts;
    v1::SandboxGap& gap = *facts.mutable_sandbox()->add_missing();
    gap.set_mechanism("landlock");
    gap.set_reason("an old kernel");
    v1::SyncRequest request = a_report(clock_.now(), "Debian 12");
    v1::SectionVersion& version = *request.mutable_versions(0);
    version.set_probe("agent");
    version.set_facts_type("muster.v1.AgentFacts");
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    fleet_.apply_sync(*fleet_.plan_sync(id, request), request);
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
};

TEST_F(FleetPreview, OfThePolicyThatRunsIsEmpty) {
  EXPECT_THAT(lines(fleet_.preview(*fleet_.policy())), IsEmpty());
}

TEST_F(FleetPreview, TellsByHostWhatWouldStandOtherwise) {
  clock_.advance(minutes(5));
  report("web1");
  EXPECT_THAT(lines(fleet_.preview(*policy_of({reporting_within(minutes(1))}))),
              ElementsAre("new1 reporting: unknown -> fail (it was enrolled 5 minutes ago and has "
                          "never reported)",
                          "web2 reporting: pass -> fail (it has not reported for 5 minutes)"));
}

TEST_F(FleetPreview, TellsOfControlsThatComeAndGo) {
  policy::Control elsewhere{.id = "lists", .title = "Lists", .rule = "package_lists_fresh"};
  elsewhere.applies_to.hosts = {"web2"};
  fleet_.remove_host("new1");
  EXPECT_THAT(
      lines(fleet_.preview(*policy_of({elsewhere}))),
      ElementsAre(
          "web1 reporting: pass -> not_applicable (the policy has no such control)",
          "web2 lists: not_applicable -> unknown (no probe of a package manager has reported yet)",
          "web2 reporting: pass -> not_applicable (the policy has no such control)"));
}

TEST_F(FleetPreview, ChangesNothing) {
  clock_.advance(minutes(5));
  const std::string hosts = fleet_.list_hosts().SerializeAsString();
  const std::string metrics = fleet_.render_metrics(exposition::Format::kOpenMetrics);
  (void)fleet_.preview(*policy_of({reporting_within(minutes(1))}), clock_.now() + days(3));
  EXPECT_EQ(fleet_.list_hosts().SerializeAsString(), hosts);
  EXPECT_EQ(fleet_.render_metrics(exposition::Format::kOpenMetrics), metrics);
  EXPECT_EQ(fleet_.renderings().settled, 3U);
  EXPECT_THAT(store_.first_seen, IsEmpty());
}

TEST_F(FleetPreview, OfALaterTimeTakesItThatWhoReportsGoesOnReporting) {
  EXPECT_THAT(lines(fleet_.preview(*fleet_.policy(), clock_.now() + days(30))),
              ElementsAre("new1 reporting: unknown -> fail (it was enrolled 30 days ago and has "
                          "never reported)"));
}

TEST_F(FleetPreview, OfALaterTimeLetsDeadlinesRunFromTodayAtTheLatest) {
  policy::Control control = sandbox();
  control.deadlines = policy::Deadlines::all(days(7));
  control.applies_to.hosts = {"web1"};
  const auto policy = policy_of({reporting_within(minutes(10)), control});
  report_without_landlock("web1");
  fleet_.remove_host("new1");
  const std::string why = "(probes run without it: an old kernel)";
  EXPECT_THAT(lines(fleet_.preview(*policy, clock_.now() + days(6))),
              ElementsAre("web1 sandbox: not_applicable -> due " + why));
  EXPECT_THAT(lines(fleet_.preview(*policy, clock_.now() + days(7))),
              ElementsAre("web1 sandbox: not_applicable -> fail " + why));
  fleet_.set_policy(policy);
  clock_.advance(minutes(1));
  EXPECT_THAT(lines(fleet_.preview(*policy, clock_.now() + days(6))), IsEmpty());
  EXPECT_THAT(lines(fleet_.preview(*policy, clock_.now() + days(7))),
              ElementsAre("web1 sandbox: due -> fail " + why));
}

TEST_F(FleetPreview, OfALaterTimeLeavesSilentHostsSilent) {
  clock_.advance(minutes(20));
  fleet_.rejudge_due();
  report("web1");
  fleet_.remove_host("new1");
  EXPECT_THAT(lines(fleet_.preview(*fleet_.policy(), clock_.now() + days(1))), IsEmpty());
  EXPECT_THAT(
      lines(fleet_.preview(*policy_of({reporting_within(hours(1))}), clock_.now() + days(1))),
      IsEmpty());
  EXPECT_THAT(lines(fleet_.preview(*policy_of({reporting_within(hours(1))}))),
              ElementsAre("web2 reporting: fail -> pass (it reports)"));
}

TEST_F(FleetPreview, ComparesTwoPoliciesOfWhichNeitherIsInForce) {
  const auto strict = policy_of({reporting_within(minutes(1))});
  const auto mild = policy_of({reporting_within(hours(1))});
  clock_.advance(minutes(5));
  EXPECT_THAT(lines(fleet_.preview(*strict, std::nullopt, mild.get())),
              ElementsAre("new1 reporting: unknown -> fail (it was enrolled 5 minutes ago and has "
                          "never reported)",
                          "web1 reporting: pass -> fail (it has not reported for 5 minutes)",
                          "web2 reporting: pass -> fail (it has not reported for 5 minutes)"));
  EXPECT_THAT(lines(fleet_.preview(*strict, clock_.now() + days(1), strict.get())), IsEmpty());
}

TEST_F(FleetPreview, SaysSoManyChangesAndCountsTheRest) {
  for (int i = 0; i < 20; ++i)
    enrol(fmt::format("more{}", i));
  std::vector<policy::Control> controls;
  for (int i = 0; i < 500; ++i) {
    controls.push_back(reporting_within(minutes(10)));
    controls.back().id = fmt::format("reporting-{}", i);
  }
  // Of 23 hosts, and that of each the first control is gone.
  const PolicyPreview preview = fleet_.preview(*policy_of(controls));
  EXPECT_GE(preview.changes.size(), PolicyPreview::kMostChanges);
  EXPECT_LT(preview.changes.size(), PolicyPreview::kMostChanges + 501);
  size_t counted = 0;
  for (const auto& [kind, count] : preview.counts) {
    counted += count;
    EXPECT_TRUE(std::any_of(
        preview.changes.begin(), preview.changes.end(), [&kind = kind](const auto& change) {
          return PolicyPreview::Kind(change.control, change.before, change.after) == kind;
        }));
  }
  EXPECT_EQ(counted, 23U * 501);
}

}  // namespace
}  // namespace muster::collector
