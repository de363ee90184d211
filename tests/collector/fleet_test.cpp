#include "collector/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/fleet/sync_rules.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using exposition::Format;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

std::shared_ptr<const policy::Policy> a_policy() {
  policy::Policy policy;
  policy.controls.push_back({.id = "lists",
                             .title = "Package lists are fresh",
                             .rule = "package_lists_fresh",
                             .max_age = hours(6)});
  policy.controls.push_back({.id = "reporting",
                             .title = "The host reports",
                             .rule = "host_reporting",
                             .parameters = {{"silent_after", Duration(minutes(10))}}});
  return std::make_shared<policy::Policy>(policy);
}

std::string os_facts(const std::string& name) {
  v1::HostFacts facts;
  facts.set_os_pretty_name(name);
  return facts.SerializeAsString();
}

// One host, an agent's clock that is five minutes behind, and requests as that agent sends them.
class FleetTest : public testing::Test {
 protected:
  FleetTest() : fleet_(clock_, store_, a_policy()) {
    fleet_.add_host({.id = web1_id,
                     .name = "web1",
                     .labels = {{"role", "web"}},
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }

  TimePoint agent_now() const { return clock_.now() - minutes(5); }

  v1::SyncRequest request(uint64_t epoch) const {
    v1::SyncRequest request;
    request.set_epoch(epoch);
    *request.mutable_sent_at() = to_proto(agent_now());
    return request;
  }

  v1::SectionVersion& add(v1::SyncRequest& request, const std::string& probe, uint64_t sequence,
                          v1::Outcome outcome) const {
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(probe);
    version.set_sequence(sequence);
    version.set_outcome(outcome);
    *version.mutable_observed_at() = to_proto(agent_now() - seconds(10));
    return version;
  }

  v1::SectionVersion& add_facts(v1::SyncRequest& request, const std::string& probe,
                                uint64_t sequence, const std::string& facts,
                                const std::string& type = "muster.v1.HostFacts") const {
    v1::SectionVersion& version = add(request, probe, sequence, v1::OUTCOME_OBSERVED);
    version.set_facts_type(type);
    version.set_digest(sha256(facts));
    version.set_facts(facts);
    return version;
  }

  // As the service does, with a store that commits at once.
  v1::SyncResponse sync(const v1::SyncRequest& request) {
    auto plan = fleet_.plan_sync(web1_id, request);
    EXPECT_TRUE(plan.ok()) << plan.status();
    last_write_ = plan->write;
    fleet_.apply_sync(*plan, request);
    return plan->response;
  }

  v1::FleetSection section(const std::string& probe) const {
    const v1::HostDetail detail = *fleet_.host_detail("web1");
    for (const v1::FleetSection& one : detail.sections()) {
      if (one.probe() == probe) return one;
    }
    return {};
  }

  v1::Status status_of(const std::string& control) const {
    const v1::HostDetail detail = *fleet_.host_detail("web1");
    for (const v1::Verdict& verdict : detail.verdicts()) {
      if (verdict.control() == control) return verdict.status();
    }
    return v1::STATUS_UNSPECIFIED;
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
  SyncWrite last_write_;
};

TEST_F(FleetTest, ANewVersionWithFactsIsCommittedAndAcknowledged) {
  v1::SyncRequest first = request(7);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  const v1::SyncResponse response = sync(first);
  ASSERT_EQ(last_write_.sections.size(), 1u);
  EXPECT_EQ(last_write_.epoch, 7u);
  EXPECT_EQ(last_write_.sections[0].sequence, 1u);
  EXPECT_EQ(last_write_.sections[0].state.facts, os_facts("Debian 12"));
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).probe(), "host");
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_EQ(response.wanted_size(), 0);
  EXPECT_EQ(response.epoch(), 7u);
  EXPECT_EQ(response.host(), "web1");
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
}

TEST_F(FleetTest, FactsOfATypeThatIsNotKnownAreKeptAcknowledgedAndJudgedUnknown) {
  v1::SyncRequest first = request(1);
  add_facts(first, "packages-apt", 1, "bytes of a later release", "muster.v9.PackageFacts");
  const v1::SyncResponse response = sync(first);
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_EQ(response.wanted_size(), 0);
  ASSERT_EQ(last_write_.sections.size(), 1u);
  EXPECT_EQ(last_write_.sections[0].state.facts, "bytes of a later release");
  EXPECT_EQ(section("packages-apt").facts_type(), "muster.v9.PackageFacts");
  EXPECT_EQ(status_of("lists"), v1::STATUS_UNKNOWN);
}

TEST_F(FleetTest, TheAgentsTimesAreMovedIntoTheCollectorsTime) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  EXPECT_EQ(from_proto(section("host").looked_at()), clock_.now() - seconds(10));
  EXPECT_EQ(fleet_.list_hosts().hosts(0).clock_offset_seconds(), -300.0);
  EXPECT_EQ(from_proto(fleet_.list_hosts().hosts(0).last_sync_at()), clock_.now());
}

TEST_F(FleetTest, NothingWasEverSeenInTheFuture) {
  v1::SyncRequest first = request(1);
  *add_facts(first, "host", 1, "").mutable_observed_at() = to_proto(agent_now() + hours(1));
  sync(first);
  EXPECT_EQ(from_proto(section("host").looked_at()), clock_.now());
}

TEST_F(FleetTest, TimesAtTheEndsOfTheWorldDoNoHarm) {
  v1::SyncRequest first = request(1);
  first.mutable_sent_at()->set_seconds(std::numeric_limits<int64_t>::max());
  add_facts(first, "host", 1, "")
      .mutable_observed_at()
      ->set_seconds(std::numeric_limits<int64_t>::min());
  sync(first);
  EXPECT_LT(from_proto(section("host").looked_at()), clock_.now());
}

TEST_F(FleetTest, AHeartbeatMovesTimesAndMeasurementsAndCommitsNothing) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  clock_.advance(minutes(1));
  v1::SyncRequest heartbeat = request(1);
  v1::SectionVersion& version = add_facts(heartbeat, "host", 1, os_facts("Debian 12"));
  version.clear_facts();
  version.add_measurements()->set_value(42);
  const v1::SyncResponse response = sync(heartbeat);
  EXPECT_TRUE(last_write_.sections.empty());
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_EQ(response.wanted_size(), 0);
  EXPECT_EQ(from_proto(section("host").observed_at()), clock_.now() - seconds(10));
  EXPECT_EQ(section("host").measurements(0).value(), 42);
  EXPECT_TRUE(section("host").has_facts());
}

TEST_F(FleetTest, ARepetitionWithItsFactsChangesNothing) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  const v1::SyncResponse again = sync(first);
  EXPECT_TRUE(last_write_.sections.empty());
  EXPECT_EQ(again.committed(0).sequence(), 1u);
}

TEST_F(FleetTest, FactsThatTheCollectorLacksAreWantedAndNotAcknowledged) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 3, os_facts("Debian 12")).clear_facts();
  const v1::SyncResponse response = sync(first);
  EXPECT_TRUE(last_write_.sections.empty());
  ASSERT_EQ(response.wanted_size(), 1);
  EXPECT_EQ(response.wanted(0).probe(), "host");
  EXPECT_EQ(response.committed(0).sequence(), 0u);
}

TEST_F(FleetTest, ANewVersionOfFactsThatAreHeldNeedsNoFacts) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  v1::SyncRequest second = request(1);
  add_facts(second, "host", 3, os_facts("Debian 12")).clear_facts();
  const v1::SyncResponse response = sync(second);
  EXPECT_EQ(response.committed(0).sequence(), 3u);
  EXPECT_EQ(last_write_.sections[0].state.facts, os_facts("Debian 12"));
}

TEST_F(FleetTest, AnotherDigestUnderAKnownSequenceIsWantedAndThenTaken) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  v1::SyncRequest other = request(1);
  add_facts(other, "host", 1, os_facts("Debian 13")).clear_facts();
  EXPECT_EQ(sync(other).wanted_size(), 1);
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
  other.mutable_versions(0)->set_facts(os_facts("Debian 13"));
  EXPECT_EQ(sync(other).wanted_size(), 0);
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 13");
}

TEST_F(FleetTest, ALowerSequenceIsAcknowledgedAtWhatIsHeld) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 5, os_facts("Debian 12"));
  sync(first);
  v1::SyncRequest late = request(1);
  add_facts(late, "host", 4, os_facts("Debian 11"));
  EXPECT_EQ(sync(late).committed(0).sequence(), 5u);
  EXPECT_TRUE(last_write_.sections.empty());
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
}

TEST_F(FleetTest, SeveralVersionsOfAProbeAreAppliedInTheirOrder) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 11"));
  add_facts(first, "host", 2, os_facts("Debian 12"));
  add(first, "host", 3, v1::OUTCOME_FAILED).set_reason("no permission");
  EXPECT_EQ(sync(first).committed(0).sequence(), 3u);
  ASSERT_EQ(last_write_.sections.size(), 1u);
  EXPECT_EQ(last_write_.sections[0].state.facts, os_facts("Debian 12"));
  EXPECT_EQ(section("host").outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(section("host").reason(), "no permission");
}

TEST_F(FleetTest, AFailedLookKeepsTheFactsAndANotApplicableOneClearsThem) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  const TimePoint observed_at = from_proto(section("host").observed_at());
  clock_.advance(minutes(1));
  v1::SyncRequest failed = request(1);
  add(failed, "host", 2, v1::OUTCOME_FAILED).set_reason("it crashed");
  sync(failed);
  EXPECT_TRUE(section("host").has_facts());
  EXPECT_EQ(from_proto(section("host").observed_at()), observed_at);
  EXPECT_EQ(from_proto(section("host").looked_at()), clock_.now() - seconds(10));
  v1::SyncRequest gone = request(1);
  add(gone, "host", 3, v1::OUTCOME_NOT_APPLICABLE).set_reason("there is no host");
  sync(gone);
  EXPECT_FALSE(section("host").has_facts());
  EXPECT_EQ(section("host").facts_type(), "");
}

TEST_F(FleetTest, ALaterEpochBeginsAnewAndAnEarlierOneIsToldOff) {
  v1::SyncRequest first = request(5);
  add_facts(first, "host", 9, os_facts("Debian 12"));
  add_facts(first, "agent", 9, "", "muster.v1.AgentFacts");
  sync(first);
  v1::SyncRequest later = request(6);
  add_facts(later, "host", 1, os_facts("Debian 12")).clear_facts();
  const v1::SyncResponse response = sync(later);
  EXPECT_EQ(response.epoch(), 6u);
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_EQ(response.wanted_size(), 0);
  EXPECT_EQ(section("agent").sequence(), 0u);

  v1::SyncRequest earlier = request(5);
  add_facts(earlier, "host", 10, os_facts("Debian 13"));
  const v1::SyncResponse refused = sync(earlier);
  EXPECT_EQ(refused.epoch(), 6u);
  EXPECT_EQ(refused.committed_size(), 0);
  EXPECT_TRUE(last_write_.sections.empty());
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
}

TEST_F(FleetTest, ALaterEpochIsNotHeldBeforeSomethingOfItIsCommitted) {
  v1::SyncRequest first = request(5);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  v1::SyncRequest later = request(6);
  add_facts(later, "agent", 1, "x").clear_facts();
  const v1::SyncResponse response = sync(later);
  // The answer is of the request's epoch: an agent takes nothing of an earlier one.
  EXPECT_EQ(response.epoch(), 6u);
  EXPECT_EQ(response.wanted_size(), 1);
  EXPECT_EQ(last_write_.epoch, 5u);
  EXPECT_EQ(section("host").sequence(), 1u);
  EXPECT_EQ(sync(first).committed_size(), 1);
}

TEST_F(FleetTest, AHostWhoseFactsAreAllHeldElsewhereIsAskedForThem) {
  // As after a backup from before its first report was put back: it sends no facts, and the
  // collector holds no epoch.
  v1::SyncRequest heartbeat = request(6);
  add_facts(heartbeat, "host", 3, os_facts("Debian 12")).clear_facts();
  const v1::SyncResponse response = sync(heartbeat);
  EXPECT_EQ(response.epoch(), 6u);
  ASSERT_EQ(response.wanted_size(), 1);
  EXPECT_EQ(response.wanted(0).probe(), "host");
  EXPECT_EQ(response.committed(0).sequence(), 0u);
}

TEST_F(FleetTest, AVersionThatWasOvertakenWhileItWasCommittedIsNotTaken) {
  v1::SyncRequest slow = request(1);
  add_facts(slow, "host", 1, os_facts("Debian 11"));
  const auto plan = fleet_.plan_sync(web1_id, slow);
  v1::SyncRequest fast = request(1);
  add_facts(fast, "host", 2, os_facts("Debian 12"));
  sync(fast);
  fleet_.apply_sync(*plan, slow);
  EXPECT_EQ(section("host").sequence(), 2u);
  EXPECT_EQ(fleet_.list_hosts().hosts(0).os_pretty_name(), "Debian 12");
}

TEST_F(FleetTest, AHostThatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(fleet_.plan_sync(std::string(32, '0'), request(1)).status()));
  EXPECT_TRUE(absl::IsNotFound(fleet_.host_detail("web2").status()));
  EXPECT_TRUE(
      absl::IsNotFound(fleet_.render_host_metrics("web2", Format::kPrometheusText).status()));
}

TEST_F(FleetTest, AHostMayHoldSoManyProbesAndNoMore) {
  v1::SyncRequest first = request(1);
  for (size_t i = 0; i < kMostSections; ++i)
    add_facts(first, "p" + std::to_string(i), 1, "");
  EXPECT_EQ(sync(first).committed_size(), static_cast<int>(kMostSections));
  v1::SyncRequest more = request(1);
  add_facts(more, "one-more", 1, "");
  EXPECT_TRUE(absl::IsInvalidArgument(fleet_.plan_sync(web1_id, more).status()));
}

TEST_F(FleetTest, AHostMayHoldSoManyBytesAndNoMore) {
  const std::string large(kMostFactsBytes / 2, 'x');
  v1::SyncRequest first = request(1);
  add_facts(first, "a", 1, large);
  add_facts(first, "b", 1, large);
  EXPECT_TRUE(fleet_.plan_sync(web1_id, first).ok());
  add_facts(first, "c", 1, "x");
  EXPECT_TRUE(absl::IsInvalidArgument(fleet_.plan_sync(web1_id, first).status()));
}

TEST_F(FleetTest, FactsOfATypeFromTheFutureAreKeptAndShownWithoutContent) {
  v1::SyncRequest first = request(1);
  add_facts(first, "quantum", 1, "\x01\x02", "muster.v1.QuantumFacts");
  EXPECT_EQ(sync(first).committed(0).sequence(), 1u);
  EXPECT_FALSE(section("quantum").has_facts());
  EXPECT_EQ(section("quantum").facts_type(), "muster.v1.QuantumFacts");
}

TEST_F(FleetTest, FactsThatAreNotOfTheirTypeAreShownWithoutContent) {
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, "\xff\xff\xff");
  EXPECT_EQ(sync(first).committed(0).sequence(), 1u);
  EXPECT_FALSE(section("host").has_facts());
}

TEST_F(FleetTest, AHostBecomesSilentWhenThePolicySaysAndReportsAgainWithItsNextSync) {
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

TEST_F(FleetTest, HeartbeatsKeepAHostFromBeingJudgedAgainAtEachOfThem) {
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

TEST_F(FleetTest, FactsGetTooOldToJudgeAndAHeartbeatMakesThemFresh) {
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

TEST_F(FleetTest, AHostThatNeverReportedIsUnknownAndFailsAfterAWhile) {
  EXPECT_EQ(fleet_.counts().reporting, 0u);
  EXPECT_EQ(status_of("reporting"), v1::STATUS_UNKNOWN);
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText),
              HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_FALSE(fleet_.list_hosts().hosts(0).has_last_sync_at());
  clock_.advance(minutes(10));
  fleet_.rejudge_due();
  EXPECT_EQ(status_of("reporting"), v1::STATUS_FAIL);
}

TEST_F(FleetTest, MemoryGoesToTheStoreWhenItChangesAndAgainWhenTheStoreCouldNot) {
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

TEST_F(FleetTest, WhatTheStoreHadIsJudgedAndShownBeforeTheFirstSync) {
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

TEST_F(FleetTest, ANewPolicyJudgesEveryHostAnew) {
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText), HasSubstr("control=\"lists\""));
  fleet_.set_policy(std::make_shared<policy::Policy>());
  EXPECT_THAT(fleet_.render_metrics(Format::kPrometheusText), Not(HasSubstr("control=")));
  EXPECT_EQ(fleet_.host_detail("web1")->verdicts_size(), 0);
}

TEST_F(FleetTest, TimesThatMovedAreTakenOnce) {
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

TEST_F(FleetTest, AHeartbeatRendersOnlyWhatMovesAnew) {
  // One host with a verdict that is unknown: it is judged at each report.
  v1::SyncRequest first = request(1);
  add_facts(first, "host", 1, os_facts("Debian 12"));
  sync(first);
  EXPECT_EQ(status_of("lists"), v1::STATUS_UNKNOWN);
  (void)fleet_.render_metrics(Format::kPrometheusText);
  const Fleet::Renderings before = fleet_.renderings();
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

TEST_F(FleetTest, HostsAreListedByName) {
  for (const char* name : {"b", "zz", "a"}) {
    fleet_.add_host({.id = std::string("id-") + name,
                     .name = name,
                     .labels = {},
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }
  const v1::HostList list = fleet_.list_hosts();
  ASSERT_EQ(list.hosts_size(), 4);
  EXPECT_EQ(list.hosts(0).name(), "a");
  EXPECT_EQ(list.hosts(3).name(), "zz");
  EXPECT_EQ(fleet_.counts().hosts, 4u);
  const std::string text = fleet_.render_metrics(Format::kPrometheusText);
  EXPECT_LT(text.find("muster_host_reporting{host=\"a\"}"),
            text.find("muster_host_reporting{host=\"zz\"}"));
}

}  // namespace
}  // namespace muster::collector
