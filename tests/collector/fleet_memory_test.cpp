// Since when what is unmet has been so outlives the collector: a restart, a new policy and a waiver
// in between give nobody a later deadline.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/store/store_sqlite.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fakes.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

policy::Policy a_policy() {
  policy::Policy policy;
  policy.controls = {{.id = "updates",
                      .title = "Security updates are in",
                      .rule = "security_updates",
                      .max_age = days(100),
                      .deadlines = policy::Deadlines::all(days(14))}};
  return policy;
}

policy::Waiver a_waiver(TimePoint starts, TimePoint ends) {
  return {.id = "freeze",
          .control = "updates",
          .subjects = {"open*"},
          .reason = "the vendor forbids it",
          .approved_by = "Ada",
          .starts = starts,
          .ends = ends};
}

// A collector with web1, whose openssl waits for a security update since the first day.
class FleetMemoryTest : public testing::Test {
 protected:
  FleetMemoryTest() {
    open();
    const HostRecord host{.id = web1_id,
                          .name = "web1",
                          .labels = {},
                          .machine_id_hash = {},
                          .enrolled_at = clock_.now(),
                          .last_sync_at = std::nullopt};
    store_->add_host(host, [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
    fleet_->add_host(host);
    report();
  }

  void open() {
    absl::StatusOr<std::unique_ptr<StoreSqlite>> store =
        StoreSqlite::open({.path = directory_.file("muster.db")});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    fleet_ =
        std::make_unique<Fleet>(clock_, *store_, std::make_shared<const policy::Policy>(policy_));
    absl::StatusOr<std::vector<StoredHost>> hosts = store_->load_hosts();
    ASSERT_TRUE(hosts.ok()) << hosts.status();
    fleet_->load(*std::move(hosts));
  }

  // By the policy as it is now.
  void restart() {
    fleet_->rejudge_due();
    fleet_.reset();
    store_.reset();
    open();
  }
  void reload() { fleet_->set_policy(std::make_shared<const policy::Policy>(policy_)); }

  void report() {
    v1::PackageFacts facts;
    facts.set_lists_present(true);
    *facts.mutable_lists_updated_at() = to_proto(clock_.now());
    v1::PendingUpdate& update = *facts.add_pending_updates();
    update.set_package("openssl");
    update.set_candidate_version("3.0.15-1");
    update.set_security(v1::SECURITY_YES);
    update.set_would_install(true);
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now());
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe("packages-apt");
    version.set_sequence(1);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = to_proto(clock_.now());
    version.set_facts_type("muster.v1.PackageFacts");
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    absl::StatusOr<SyncPlan> plan = fleet_->plan_sync(web1_id, request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    store_->commit_sync(plan->write,
                        [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
    fleet_->apply_sync(*std::move(plan), request);
  }

  // Of the control "updates", in what the metrics show and in words.
  void expect(v1::Status status, TimePoint first_failed) {
    fleet_->rejudge_due();
    SCOPED_TRACE(to_iso8601(clock_.now()));
    const std::string metrics =
        *fleet_->render_host_metrics("web1", exposition::Format::kPrometheusText);
    EXPECT_THAT(metrics, testing::HasSubstr(
                             fmt::format("control=\"updates\",severity=\"{}\",status=\"{}\"}} 1\n",
                                         policy::severity_name(policy_.controls[0].severity),
                                         policy::status_name(status))));
    const v1::Verdict verdict = fleet_->host_detail("web1")->verdicts(0);
    EXPECT_EQ(verdict.status(), status);
    ASSERT_EQ(verdict.subjects_size(), 1);
    EXPECT_EQ(to_iso8601(from_proto(verdict.subjects(0).first_failed_at())),
              to_iso8601(first_failed));
  }

  test::TemporaryDirectory directory_;
  FakeClock clock_;
  policy::Policy policy_ = a_policy();
  std::unique_ptr<StoreSqlite> store_;
  std::unique_ptr<Fleet> fleet_;
};

TEST_F(FleetMemoryTest, SurvivesRestartsAWaiverAndAPolicyThatRenamesNothing) {
  const TimePoint first = clock_.now();
  expect(v1::STATUS_DUE, first);
  clock_.advance(days(3));
  restart();
  expect(v1::STATUS_DUE, first);

  // Other words, another severity, another control, an owner and a waiver.
  policy_.controls[0].title = "Security updates";
  policy_.controls[0].severity = v1::SEVERITY_HIGH;
  policy_.controls.push_back({.id = "a", .title = "A", .rule = "certificate_not_expired"});
  policy_.owners = {{.team = "web"}};
  policy_.waivers = {a_waiver(first + days(5), first + days(20))};
  reload();
  expect(v1::STATUS_DUE, first);
  clock_.advance(days(3));
  expect(v1::STATUS_WAIVED, first);
  restart();
  expect(v1::STATUS_WAIVED, first);

  // The waiver ends when 14 days have long passed.
  clock_.advance(days(14) - hours(1));
  restart();
  expect(v1::STATUS_WAIVED, first);
  clock_.advance(hours(1));
  expect(v1::STATUS_FAIL, first);
  restart();
  expect(v1::STATUS_FAIL, first);
}

TEST_F(FleetMemoryTest, BeginsUnderAWaiverAndAfterARestart) {
  const TimePoint first = clock_.now();
  policy_.waivers = {a_waiver(first, first + days(15))};
  restart();
  expect(v1::STATUS_WAIVED, first);
  policy_.waivers.clear();
  clock_.advance(days(13));
  restart();
  expect(v1::STATUS_DUE, first);
  clock_.advance(days(1));
  expect(v1::STATUS_FAIL, first);
}

// It is another requirement then, and somebody must have the time for it.
TEST_F(FleetMemoryTest, IsOfTheIdOfAControl) {
  const TimePoint first = clock_.now();
  clock_.advance(days(20));
  expect(v1::STATUS_FAIL, first);
  policy_.controls[0].id = "patches";
  reload();
  policy_.controls[0].id = "updates";
  reload();
  expect(v1::STATUS_DUE, first + days(20));
  restart();
  expect(v1::STATUS_DUE, first + days(20));
}

}  // namespace
}  // namespace muster::collector
