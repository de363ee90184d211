// When the fleet judges its hosts, and what it keeps of that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fleet_fixture.h"

namespace muster::collector {
namespace {

using exposition::Format;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class FleetJudgingTest : public FleetTest {};

TEST_F(FleetJudgingTest, AHostBecomesSilentWhenThePolicySaysAndReportsAgainWithItsNextSync) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  EXPECT_EQ(fleet_.counts().reporting, 1u);
  const auto metrics = [this] {
    return *fleet_.render_host_metrics("web1", Format::kPrometheusText);
  };
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web1\"} 1\n"));
  EXPECT_EQ(status_of("reporting"), v1::STATUS_PASS);

  EXPECT_EQ(fleet_.rejudge_due(), clock_.now() + minutes(10));
  clock_.advance(minutes(10));
  EXPECT_GT(fleet_.rejudge_due(), clock_.now());
  EXPECT_EQ(fleet_.counts().reporting, 0u);
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("muster_host_last_sync_timestamp_seconds{host=\"web1\"}"));
  EXPECT_EQ(status_of("reporting"), v1::STATUS_FAIL);
  EXPECT_FALSE(fleet_.list_hosts().hosts(0).reporting());

  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  EXPECT_EQ(fleet_.counts().reporting, 1u);
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web1\"} 1\n"));
}

TEST_F(FleetJudgingTest, HeartbeatsKeepAHostFromBeingJudgedAgainAtEachOfThem) {
  v1::SyncRequest first = request(1);
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(agent_now());
  add_facts(first, "packages-apt", 1, facts.SerializeAsString(), "muster.v1.PackageFacts");
  sync(first);
  EXPECT_EQ(status_of("lists"), v1::STATUS_PASS);
  const TimePoint due = fleet_.rejudge_due();
  clock_.advance(minutes(4));
  first.mutable_versions(0)->clear_facts();
  *first.mutable_sent_at() = to_proto(agent_now());
  *first.mutable_versions(0)->mutable_observed_at() = to_proto(agent_now());
  sync(first);
  EXPECT_EQ(fleet_.rejudge_due(), due);
  // When the old verdicts end, the later report counts.
  clock_.advance(due - clock_.now());
  EXPECT_GT(fleet_.rejudge_due(), due);
  EXPECT_EQ(fleet_.counts().reporting, 1u);
}

TEST_F(FleetJudgingTest, FactsGetTooOldToJudgeAndAHeartbeatMakesThemFresh) {
  v1::SyncRequest first = request(1);
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(agent_now());
  v1::SectionVersion& version =
      add_facts(first, "packages-apt", 1, facts.SerializeAsString(), "muster.v1.PackageFacts");
  sync(first);
  clock_.advance(hours(7));
  fleet_.rejudge_due();
  const auto metrics = fleet_.render_metrics(Format::kPrometheusText);
  EXPECT_THAT(metrics, HasSubstr("control=\"lists\",severity=\"medium\",status=\"unknown\"} 1\n"));
  *first.mutable_sent_at() = to_proto(agent_now());
  *version.mutable_observed_at() = to_proto(agent_now());
  sync(first);
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText),
              HasSubstr("control=\"lists\",severity=\"medium\",status=\"pass\"} 1\n"));
}

TEST_F(FleetJudgingTest, AHostThatNeverReportedIsUnknownAndFailsAfterAWhile) {
  EXPECT_EQ(fleet_.counts().reporting, 0u);
  EXPECT_EQ(status_of("reporting"), v1::STATUS_UNKNOWN);
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText),
              HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_FALSE(fleet_.list_hosts().hosts(0).has_last_sync_at());
  clock_.advance(minutes(10));
  fleet_.rejudge_due();
  EXPECT_EQ(status_of("reporting"), v1::STATUS_FAIL);
}

TEST_F(FleetJudgingTest, MemoryGoesToTheStoreWhenItChangesAndAgainWhenTheStoreCouldNot) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  store_.status = absl::ResourceExhaustedError("the disk is full");
  clock_.advance(minutes(10));
  fleet_.rejudge_due();
  EXPECT_TRUE(store_.first_seen.empty());
  store_.status = absl::OkStatus();
  fleet_.rejudge_due();
  ASSERT_EQ(store_.first_seen.count(web1_id), 1u);
  EXPECT_TRUE(store_.first_seen[web1_id].contains({"", "reporting", ""}));
}

TEST_F(FleetJudgingTest, WhatTheStoreHadIsJudgedAndShownBeforeTheFirstSync) {
  v1::SyncRequest first = request(3);
  add_facts(first, "host", 4, os_facts("Debian 12"));
  sync(first);
  StoredHost stored;
  stored.host = {.id = web1_id,
                 .name = "web1",
                 .labels = {},
                 .machine_id_hash = {},
                 .enrolled_at = clock_.now() - hours(1),
                 .last_sync_at = clock_.now() - minutes(1),
                 .epoch = 3};
  stored.sections = last_write_.sections;
  Fleet restarted(clock_, store_, a_policy());
  restarted.load({stored});
  EXPECT_EQ(restarted.counts().reporting, 1u);
  EXPECT_EQ(restarted.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
  EXPECT_THAT(restarted.render_metrics(Format::kPrometheusText),
              HasSubstr("muster_host_reporting{host=\"web1\"} 1\n"));
  // And nothing that is known is asked for again.
  first.mutable_versions(0)->clear_facts();
  const auto plan = restarted.plan_sync(web1_id, first);
  EXPECT_EQ(plan->response.wanted_size(), 0);
  EXPECT_TRUE(plan->write.sections.empty());
}

TEST_F(FleetJudgingTest, ANewPolicyJudgesEveryHostAnew) {
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText), HasSubstr("control=\"lists\""));
  fleet_.set_policy(std::make_shared<policy::Policy>());
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText), Not(HasSubstr("control=")));
  EXPECT_EQ(fleet_.host_detail("web1")->verdicts_size(), 0);
}

TEST_F(FleetJudgingTest, TimesThatMovedAreTakenOnce) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 2, os_facts("Debian 12"));
  sync(first);
  sync(first);
  const std::vector<SyncWrite> writes = fleet_.take_dirty_times();
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].host_id, web1_id);
  EXPECT_EQ(writes[0].synced_at, clock_.now());
  ASSERT_EQ(writes[0].sections.size(), 1u);
  EXPECT_EQ(writes[0].sections[0].sequence, 2u);
  EXPECT_EQ(writes[0].sections[0].state.looked_at, clock_.now() - seconds(10));
  EXPECT_EQ(writes[0].sections[0].state.facts, "");
  EXPECT_TRUE(fleet_.take_dirty_times().empty());
}

TEST_F(FleetJudgingTest, AHeartbeatRendersOnlyWhatMovesAnew) {
  // One host with a verdict that is unknown: it is judged at each report.
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  EXPECT_EQ(status_of("lists"), v1::STATUS_UNKNOWN);
  (void)fleet_.render_metrics(Format::kPrometheusText);
  const Renderings before = fleet_.renderings();
  (void)fleet_.render_metrics(Format::kOpenMetrics);
  EXPECT_EQ(fleet_.renderings().moving, before.moving);
  EXPECT_EQ(fleet_.renderings().settled, before.settled);
  for (uint64_t i = 1; i <= 3; ++i) {
    clock_.advance(minutes(1));
    v1::SyncRequest heartbeat = request(1);
    add_facts(heartbeat, "host", 1, os_facts("Debian 12")).clear_facts();
    sync(heartbeat);
    EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText),
                HasSubstr("muster_host_last_sync_timestamp_seconds{host=\"web1\"} " +
                          std::to_string(1'800'000'000 + 60 * i)));
    EXPECT_EQ(fleet_.renderings().moving, before.moving + i);
    EXPECT_EQ(fleet_.renderings().settled, before.settled);
  }
  v1::SyncRequest news = request(1);
  add_facts(news, "host", 2, os_facts("Debian 13"));
  sync(news);
  (void)fleet_.render_metrics(Format::kPrometheusText);
  EXPECT_EQ(fleet_.renderings().settled, before.settled + 1);
}

std::string waits(const std::string& package) {
  v1::PackageFacts facts;
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(TimePoint(seconds(1'800'000'000)));
  v1::PendingUpdate& update = *facts.add_pending_updates();
  update.set_package(package);
  update.set_security(v1::SECURITY_YES);
  return facts.SerializeAsString();
}

// The status says only that something fails; what is not known behind it may be known now.
TEST_F(FleetJudgingTest, AHeartbeatIsJudgedWhereSomethingUnknownIsBehindWhatFails) {
  policy::Policy policy;
  policy.controls = {{.id = "updates",
                      .title = "T",
                      .rule = "security_updates",
                      .max_age = hours(6),
                      .deadlines = policy::Deadlines::all(hours(2))}};
  fleet_.set_policy(std::make_shared<const policy::Policy>(policy));
  const TimePoint start = clock_.now();
  const auto report = [this](const std::string& probe, const std::string& package) {
    v1::SyncRequest request = this->request(1);
    add_facts(request, probe, 1, waits(package), "muster.v1.PackageFacts");
    sync(request);
  };
  const auto deadline = [this] {
    fleet_.rejudge_due();
    const std::string text = *fleet_.render_host_metrics("web1", Format::kPrometheusText);
    const std::string name =
        "muster_control_deadline_timestamp_seconds{host=\"web1\",control=\"updates\"} ";
    const size_t place = text.find(name);
    return place == std::string::npos ? 0.0 : std::stod(text.substr(place + name.size()));
  };
  report("packages-rpm", "kernel");
  clock_.advance(hours(1));
  report("packages-apt", "openssl");
  EXPECT_EQ(deadline(), to_unix_seconds(start + hours(2)));
  for (int hour = 0; hour < 7; ++hour) {
    clock_.advance(hours(1));
    report("packages-apt", "openssl");
  }
  EXPECT_EQ(status_of("updates"), v1::STATUS_FAIL);
  EXPECT_EQ(deadline(), to_unix_seconds(start + hours(3)));
  report("packages-rpm", "kernel");
  EXPECT_EQ(deadline(), to_unix_seconds(start + hours(2)));
}

}  // namespace
}  // namespace muster::collector
