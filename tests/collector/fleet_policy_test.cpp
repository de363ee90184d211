// A fleet whose policy is replaced, again and again and while reports come in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "collector/fleet/fleet.h"
#include "common/policy/rules.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"

namespace muster::collector {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::IsEmpty;
using testing::SizeIs;

using PolicyPointer = std::shared_ptr<const policy::Policy>;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }

 private:
  std::mt19937 engine_;
};

// Of every rule a few controls, some of them for some hosts, with waivers.
PolicyPointer random_policy(Random& random, int number) {
  policy::Policy policy;
  policy.sha256 = fmt::format("policy-{}", number);
  for (const policy::Rule& rule : policy::all_rules()) {
    for (int i = random.pick(0, 2); i > 0; --i) {
      policy::Control control{.id = fmt::format("{}-{}", rule.name, i),
                              .title = "T",
                              .rule = std::string(rule.name),
                              .max_age = hours(random.pick(1, 3))};
      if (rule.has_deadline) control.deadlines = policy::Deadlines::all(hours(random.pick(0, 3)));
      if (random.chance(30)) control.applies_to.hosts = {random.chance(50) ? "web*" : "*1"};
      if (random.chance(20)) control.applies_to.os = {"debian"};
      if (random.chance(20)) control.applies_to.labels["site"] = {"fra"};
      if (random.chance(30)) {
        policy.waivers.push_back(
            {.id = fmt::format("w{}", policy.waivers.size()),
             .control = control.id,
             .starts = TimePoint(),
             .ends = TimePoint(std::chrono::seconds(1'800'000'000)) + hours(random.pick(1, 400))});
      }
      policy.controls.push_back(std::move(control));
    }
  }
  return std::make_shared<const policy::Policy>(std::move(policy));
}

class FleetPolicy : public testing::Test {
 protected:
  static constexpr int kHosts = 12;

  FleetPolicy() : fleet_(clock_, store_, std::make_shared<const policy::Policy>()) {
    for (int i = 0; i < kHosts; ++i) {
      HostRecord host;
      host.id = id(i);
      host.name = fmt::format("{}{}", i % 2 == 0 ? "web" : "db", i);
      if (i % 3 == 0) host.labels["site"] = "fra";
      host.enrolled_at = clock_.now();
      fleet_.add_host(std::move(host));
    }
  }

  static std::string id(int host) { return fmt::format("{:032}", host); }

  void report(int host) {
    const v1::SyncRequest request = a_report(clock_.now(), "Debian 12");
    fleet_.apply_sync(*fleet_.plan_sync(id(host), request), request);
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
};

TEST_F(FleetPolicy, ThroughAnyPoliciesStandsAsAFleetThatKnewNoOther) {
  Random random(7);
  std::vector<PolicyPointer> policies;
  for (int step = 0; step < 120; ++step) {
    clock_.advance(minutes(random.pick(0, 40)));
    fleet_.rejudge_due();
    for (int i = random.pick(0, 4); i > 0; --i)
      report(random.pick(0, kHosts - 1));
    if (random.chance(30)) {
      Labels labels;
      if (random.chance(50)) labels["site"] = random.chance(50) ? "fra" : "ams";
      fleet_.set_inventory(std::make_shared<const Inventory>(
          std::map<std::string, Labels, std::less<>>{{"web2", labels}, {"db3", labels}}));
    }
    if (policies.empty() || random.chance(50)) policies.push_back(random_policy(random, step));
    const PolicyPointer& policy =
        policies[static_cast<size_t>(random.pick(0, static_cast<int>(policies.size()) - 1))];
    fleet_.set_policy(policy);
    // What is kept and what is judged anew for the answer.
    EXPECT_THAT(fleet_.preview(*policy).changes, IsEmpty()) << step;
    const v1::HostList list = fleet_.list_hosts();
    for (const v1::HostSummary& host : list.hosts()) {
      const v1::HostDetail detail = *fleet_.host_detail(host.name());
      ASSERT_THAT(detail.verdicts(), SizeIs(policy->controls.size()));
      for (const v1::Verdict& verdict : detail.verdicts())
        EXPECT_EQ(verdict.policy_sha256(), policy->sha256);
      const std::vector<v1::Verdict> verdicts(detail.verdicts().begin(), detail.verdicts().end());
      EXPECT_EQ(detail.summary().status(), policy::worst_of(verdicts))
          << step << detail.DebugString();
    }
  }
}

TEST_F(FleetPolicy, JudgesWhatARenamedHostIsAskedForNow) {
  policy::Policy policy;
  policy.controls = {{.id = "reporting", .title = "T", .rule = "host_reporting"}};
  policy.controls[0].applies_to.hosts = {"web*"};
  fleet_.set_policy(std::make_shared<const policy::Policy>(std::move(policy)));
  report(1);
  EXPECT_EQ(fleet_.host_summary(id(1))->status(), v1::STATUS_NOT_APPLICABLE);
  fleet_.rename_host(id(1), "web1");
  EXPECT_EQ(fleet_.host_summary(id(1))->status(), v1::STATUS_PASS);
}

TEST_F(FleetPolicy, AHostIsSilentAfterWhatAppliesToIt) {
  policy::Policy policy;
  for (const std::string kind : {"web", "db"}) {
    policy.controls.push_back(
        {.id = kind,
         .title = "T",
         .rule = "host_reporting",
         .parameters = {{"silent_after", kind == "web" ? Duration(minutes(5)) : hours(2)}}});
    policy.controls.back().applies_to.hosts = {kind + "*"};
  }
  fleet_.set_policy(std::make_shared<const policy::Policy>(std::move(policy)));
  report(0);
  report(1);
  clock_.advance(minutes(10));
  fleet_.rejudge_due();
  EXPECT_FALSE(fleet_.host_summary(id(0))->reporting());
  EXPECT_TRUE(fleet_.host_summary(id(1))->reporting());
  EXPECT_EQ(fleet_.counts().reporting, 1U);
}

TEST_F(FleetPolicy, HandsTheMemoriesOfAReloadToTheStoreInPortions) {
  for (int i = kHosts; i < 1'300; ++i) {
    HostRecord host;
    host.id = id(i);
    host.name = fmt::format("more{}", i);
    host.enrolled_at = clock_.now() - hours(1);
    fleet_.add_host(std::move(host));
  }
  clock_.advance(hours(1));
  policy::Policy policy;
  policy.controls = {{.id = "reporting", .title = "T", .rule = "host_reporting"}};
  fleet_.set_policy(std::make_shared<const policy::Policy>(std::move(policy)));
  EXPECT_THAT(store_.first_seen, IsEmpty());
  std::vector<size_t> saved;
  for (int i = 0; i < 4; ++i) {
    fleet_.rejudge_due();
    saved.push_back(store_.first_seen.size());
  }
  EXPECT_THAT(saved, testing::ElementsAre(500, 1'000, 1'300, 1'300));
  fleet_.set_policy(std::make_shared<const policy::Policy>());
  fleet_.save_memories();
  EXPECT_THAT(store_.first_seen[id(0)], IsEmpty());
}

// Run under the sanitizers too: what a reader sees is of one policy, whoever writes meanwhile.
TEST_F(FleetPolicy, IsReplacedWhileReportsComeAndReadersRead) {
  for (int i = kHosts; i < 600; ++i) {
    HostRecord host;
    host.id = id(i);
    host.name = fmt::format("more{}", i);
    host.enrolled_at = clock_.now();
    fleet_.add_host(std::move(host));
  }
  Random random(3);
  std::vector<PolicyPointer> policies;
  for (int i = 0; i < 4; ++i)
    policies.push_back(random_policy(random, i));
  fleet_.set_policy(policies[0]);
  std::atomic<bool> over = false;
  std::thread reports([this, &over] {
    for (int i = 0; !over; i = (i + 1) % 600)
      report(i);
  });
  std::thread readers([this, &over, &policies] {
    while (!over) {
      const v1::HostDetail detail = *fleet_.host_detail("web0");
      const std::vector<v1::Verdict> verdicts(detail.verdicts().begin(), detail.verdicts().end());
      EXPECT_EQ(detail.summary().status(), policy::worst_of(verdicts));
      const auto is_of = [&verdicts](const PolicyPointer& policy) {
        return verdicts.size() == policy->controls.size() &&
               std::all_of(verdicts.begin(), verdicts.end(), [&policy](const v1::Verdict& v) {
                 return v.policy_sha256() == policy->sha256;
               });
      };
      EXPECT_TRUE(std::any_of(policies.begin(), policies.end(), is_of));
      (void)fleet_.render_metrics(exposition::Format::kOpenMetrics);
    }
  });
  for (int i = 1; i < 8; ++i)
    fleet_.set_policy(policies[static_cast<size_t>(i % 4)]);
  over = true;
  reports.join();
  readers.join();
  EXPECT_THAT(fleet_.preview(*policies[3]).changes, IsEmpty());
}

}  // namespace
}  // namespace muster::collector
