#include "collector/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/fleet/sync_rules.h"
#include "common/timestamp.h"
#include "tests/collector/fleet_fixture.h"

namespace muster::collector {
namespace {

using exposition::Format;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

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
