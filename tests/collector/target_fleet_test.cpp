#include "collector/fleet/target_fleet.h"

#include <gmock/gmock.h>

#include "collector/fleet/sync_rules.h"
#include "tests/collector/target_fixture.h"

namespace muster::collector {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(TargetFleetTest, AListedTargetThatNobodyLookedAtIsUnknownAndSaysWhy) {
  list({a_target("shop", "shop.example.org:443")});
  const v1::TargetDetail shop = detail("shop");
  EXPECT_EQ(shop.summary().kind(), "tcp");
  EXPECT_EQ(shop.summary().address(), "shop.example.org:443");
  EXPECT_EQ(shop.summary().labels().at("site"), "fra");
  EXPECT_EQ(shop.summary().interval_milliseconds(), 60'000u);
  EXPECT_EQ(shop.summary().timeout_milliseconds(), 10'000u);
  EXPECT_EQ(shop.summary().status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(shop.summary().note(), "nobody may");
  EXPECT_FALSE(shop.summary().has_looked_at());
}

TEST_F(TargetFleetTest, TheListSaysHowLongLeasesAre) {
  EXPECT_EQ(fleet_.list().lease_milliseconds(), 45u * 60'000);
  EXPECT_EQ(fleet_.list().configured_lease_milliseconds(), 180'000u);
}

TEST_F(TargetFleetTest, TheHoldersReportIsJudgedCommittedAndShown) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 3, false, seconds(10));
  const v1::SyncResponse response = sync(kWeb, report);
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).entity(), "shop");
  EXPECT_EQ(response.committed(0).probe(), "tcp");
  EXPECT_EQ(response.committed(0).sequence(), 3u);
  EXPECT_EQ(response.refused_size(), 0);
  ASSERT_EQ(writes_.size(), 1u);
  EXPECT_EQ(writes_[0].target_id, "shop");
  EXPECT_EQ(writes_[0].reporter, kWeb);
  EXPECT_EQ(writes_[0].epoch, 7u);
  EXPECT_EQ(writes_[0].looked_at, clock_.now() - seconds(10));
  const v1::TargetDetail shop = detail("shop");
  EXPECT_EQ(shop.summary().status(), v1::STATUS_FAIL);
  EXPECT_EQ(from_proto(shop.summary().looked_at()), clock_.now() - seconds(10));
  ASSERT_EQ(shop.sections_size(), 1);
  EXPECT_EQ(shop.sections(0).entity(), "shop");
  EXPECT_FALSE(store_.memories["shop"].empty());
}

TEST_F(TargetFleetTest, ATargetThatItsHolderMayNotLookAtSaysWhy) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  leases_.holders = {{"shop", {.host_id = kWeb, .host = "web1"}}};
  v1::SyncRequest report = request();
  v1::SectionVersion& version = add(report, "shop", 1, true);
  version.set_outcome(v1::OUTCOME_FAILED);
  version.set_reason("targets.allow of web1 does not list it");
  version.clear_facts();
  version.clear_facts_type();
  version.clear_digest();
  sync(kWeb, report);
  EXPECT_EQ(detail("shop").summary().note(), "targets.allow of web1 does not list it");
  EXPECT_EQ(detail("shop").summary().status(), v1::STATUS_UNKNOWN);
}

TEST_F(TargetFleetTest, WhoDoesNotHoldATargetIsRefusedAndTheRestOfHisReportIsTaken) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 1, true);
  add(report, "never-listed", 4, true);
  add_agent(report, 1, {});
  const v1::SyncResponse response = sync(kMail, report);
  ASSERT_EQ(response.refused_size(), 2);
  EXPECT_EQ(response.refused(0).entity(), "never-listed");
  EXPECT_EQ(response.refused(0).sequence(), 4u);
  EXPECT_EQ(response.refused(1).entity(), "shop");
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).probe(), "agent");
  EXPECT_FALSE(detail("shop").summary().has_looked_at());
}

TEST_F(TargetFleetTest, AHeartbeatMovesTimesAndCommitsNothing) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 1, true);
  sync(kWeb, report);
  clock_.advance(minutes(1));
  v1::SyncRequest heartbeat = request();
  add(heartbeat, "shop", 1, true).clear_facts();
  const v1::SyncResponse response = sync(kWeb, heartbeat);
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_THAT(writes_, IsEmpty());
  EXPECT_EQ(from_proto(detail("shop").summary().looked_at()), clock_.now());
  const std::vector<TargetWrite> times = fleet_.take_dirty_times();
  ASSERT_EQ(times.size(), 1u);
  EXPECT_EQ(times[0].target_id, "shop");
  EXPECT_EQ(times[0].epoch, 7u);
  EXPECT_EQ(times[0].looked_at, clock_.now());
}

TEST_F(TargetFleetTest, AnotherHostBeginsAnewAndFactsThatAreKnownAreNotSentAgain) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}, {kMail, "shop"}};
  v1::SyncRequest report = request(900);
  add(report, "shop", 50, true);
  sync(kWeb, report);
  clock_.advance(minutes(2));
  v1::SyncRequest taken_over = request(3);
  add(taken_over, "shop", 1, true).clear_facts();
  const v1::SyncResponse response = sync(kMail, taken_over);
  EXPECT_EQ(response.wanted_size(), 0);
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  ASSERT_EQ(writes_.size(), 1u);
  EXPECT_EQ(writes_[0].reporter, kMail);
  EXPECT_EQ(writes_[0].epoch, 3u);
  EXPECT_EQ(detail("shop").sections(0).sequence(), 1u);
  EXPECT_EQ(status_of("shop"), v1::STATUS_PASS);
}

TEST_F(TargetFleetTest, FactsOfAnotherHostThatAreNotKnownAreWanted) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}, {kMail, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 50, true);
  sync(kWeb, report);
  clock_.advance(minutes(2));
  v1::SyncRequest taken_over = request();
  add(taken_over, "shop", 2, false).clear_facts();
  const v1::SyncResponse response = sync(kMail, taken_over);
  ASSERT_EQ(response.wanted_size(), 1);
  EXPECT_EQ(response.wanted(0).entity(), "shop");
  EXPECT_EQ(response.committed(0).sequence(), 0u);
  EXPECT_THAT(writes_, IsEmpty());
}

TEST_F(TargetFleetTest, AnEarlierLookOfAFormerHolderIsAcknowledgedWithoutEffect) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}, {kMail, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 1, true);
  sync(kMail, report);
  clock_.advance(minutes(2));
  v1::SyncRequest late = request();
  add(late, "shop", 60, false, minutes(5));
  add(late, "shop", 61, false, minutes(4));
  const v1::SyncResponse response = sync(kWeb, late);
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).sequence(), 61u);
  EXPECT_EQ(response.refused_size(), 0);
  EXPECT_EQ(response.wanted_size(), 0);
  EXPECT_THAT(writes_, IsEmpty());
  EXPECT_EQ(status_of("shop"), v1::STATUS_PASS);
}

TEST_F(TargetFleetTest, AnEarlierEpochOfTheSameHostIsToldTheHeldOne) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request(9);
  add(report, "shop", 1, true);
  sync(kWeb, report);
  v1::SyncRequest earlier = request(8);
  add(earlier, "shop", 2, false);
  const v1::SyncResponse response = sync(kWeb, earlier);
  EXPECT_EQ(response.epoch(), 9u);
  EXPECT_EQ(response.committed_size(), 0);
  EXPECT_EQ(status_of("shop"), v1::STATUS_PASS);
}

TEST_F(TargetFleetTest, ATargetHoldsSoManyProbesAndSoManyBytesAndNoMore) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest large = request();
  v1::SectionVersion& version = add(large, "shop", 1, true);
  version.set_facts(std::string(kMostTargetFactsBytes + 1, 'x'));
  version.set_digest(sha256(version.facts()));
  EXPECT_EQ(sync(kWeb, large).refused_size(), 1);
  v1::SyncRequest many = request();
  for (size_t i = 0; i <= kMostTargetSections; ++i)
    add(many, "shop", 1, true).set_probe("tcp" + std::to_string(i));
  EXPECT_EQ(sync(kWeb, many).refused_size(), static_cast<int>(kMostTargetSections) + 1);
  EXPECT_FALSE(detail("shop").summary().has_looked_at());
}

TEST_F(TargetFleetTest, AHostsOwnTargetComesWithTheReportThatTellsOfItAndGoesWithTheNext) {
  fleet_.look_at_hosts();
  v1::SyncRequest report = request();
  add(report, "/postgresql", 1, true);
  add(report, "/unheard-of", 1, true);
  add_agent(report, 1, {"postgresql"});
  const v1::SyncResponse response = sync(kWeb, report);
  ASSERT_EQ(response.refused_size(), 1);
  EXPECT_EQ(response.refused(0).entity(), "/unheard-of");
  EXPECT_THAT(names(), ElementsAre("web1/postgresql"));
  fleet_.look_at_hosts();
  const v1::TargetDetail own = detail("web1/postgresql");
  EXPECT_EQ(own.summary().looked_at_by(), "web1");
  EXPECT_EQ(own.summary().labels().at("role"), "monitor");
  EXPECT_EQ(own.summary().status(), v1::STATUS_PASS);
  EXPECT_EQ(own.sections(0).entity(), "web1/postgresql");
  v1::SyncRequest without = request();
  add_agent(without, 2, {});
  sync(kWeb, without);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(store_.removed, ElementsAre(std::string(kWeb) + "/postgresql"));
}

TEST_F(TargetFleetTest, OneHostDoesNotReportTheOwnTargetOfAnother) {
  v1::SyncRequest report = request();
  add_agent(report, 1, {"postgresql"});
  sync(kWeb, report);
  v1::SyncRequest other = request();
  add(other, "/postgresql", 1, true);
  EXPECT_EQ(sync(kMail, other).refused_size(), 1);
  EXPECT_THAT(names(), ElementsAre("web1/postgresql"));
}

TEST_F(TargetFleetTest, AnOwnTargetIsRenamedAndRemovedWithItsHost) {
  v1::SyncRequest report = request();
  add(report, "/postgresql", 1, false);
  add_agent(report, 1, {"postgresql"});
  sync(kWeb, report);
  hosts_.rename_host(kWeb, "db1");
  fleet_.look_at_hosts();
  EXPECT_THAT(names(), ElementsAre("db1/postgresql"));
  EXPECT_EQ(detail("db1/postgresql").summary().looked_at_by(), "db1");
  clock_.advance(seconds(30));
  v1::SyncRequest heartbeat = request();
  add(heartbeat, "/postgresql", 1, false).clear_facts();
  EXPECT_EQ(sync(kWeb, heartbeat).wanted_size(), 0);
  EXPECT_EQ(from_proto(detail("db1/postgresql").summary().looked_at()), clock_.now());
  hosts_.remove_host(kWeb);
  fleet_.look_at_hosts();
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(TargetFleetTest, AHostHasSoManyTargetsOfItsOwnAndNoMore) {
  std::vector<std::string> own;
  for (size_t i = 0; i < 150; ++i)
    own.push_back("own" + std::to_string(i));
  v1::SyncRequest report = request();
  add_agent(report, 1, own);
  sync(kWeb, report);
  EXPECT_EQ(names().size(), 100u);
}

TEST_F(TargetFleetTest, AnotherListRelabelsAddsAndRemovesAndWhatStaysKeepsItsMemory) {
  list({a_target("shop", "shop.example.org:443"), a_target("old", "old.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 1, false);
  sync(kWeb, report);
  const auto failed_at = detail("shop").verdicts(0).subjects(0).first_failed_at().seconds();
  clock_.advance(minutes(1));
  Target shop = a_target("shop", "shop.example.org:443");
  shop.labels = {{"site", "ber"}};
  list({shop, a_target("new", "new.example.org:443")});
  EXPECT_THAT(names(), ElementsAre("new", "shop"));
  EXPECT_THAT(store_.removed, ElementsAre("old"));
  EXPECT_EQ(detail("shop").summary().labels().at("site"), "ber");
  EXPECT_EQ(detail("shop").verdicts(0).subjects(0).first_failed_at().seconds(), failed_at);
}

TEST_F(TargetFleetTest, ATargetAtAnotherAddressBeginsWithoutWhatWasSeenAtTheOldOne) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest report = request();
  add(report, "shop", 1, false);
  sync(kWeb, report);
  list({a_target("shop", "other.example.org:443")});
  EXPECT_EQ(status_of("shop"), v1::STATUS_UNKNOWN);
  EXPECT_EQ(detail("shop").sections_size(), 0);
  EXPECT_THAT(store_.removed, ElementsAre("shop"));
}

TEST_F(TargetFleetTest, WhatWasStoredComesBackAndWhatIsListedNoMoreIsForgotten) {
  StoredTarget shop;
  shop.id = "shop";
  shop.reporter = kWeb;
  shop.epoch = 7;
  shop.looked_at = clock_.now() - minutes(1);
  SectionRecord& section = shop.sections.emplace_back();
  section.sequence = 5;
  section.state.probe = "tcp";
  section.state.outcome = v1::OUTCOME_OBSERVED;
  section.state.looked_at = section.state.observed_at = *shop.looked_at;
  section.state.facts_type = "muster.v1.TcpFacts";
  section.state.facts = tcp_facts(true);
  section.state.digest = sha256(section.state.facts);
  StoredTarget gone;
  gone.id = "gone";
  fleet_.load({shop, gone});
  list({a_target("shop", "shop.example.org:443")});
  fleet_.forget_unlisted();
  EXPECT_EQ(status_of("shop"), v1::STATUS_PASS);
  EXPECT_THAT(store_.removed, ElementsAre("gone"));
  leases_.may = {{kWeb, "shop"}};
  v1::SyncRequest heartbeat = request();
  add(heartbeat, "shop", 5, true).clear_facts();
  EXPECT_EQ(sync(kWeb, heartbeat).committed(0).sequence(), 5u);
  EXPECT_THAT(writes_, IsEmpty());
}

TEST_F(TargetFleetTest, ATargetThatNobodyLooksAtHasNoSeriesOfWhatWasSeen) {
  list({a_target("shop", "shop.example.org:443")});
  leases_.may = {{kWeb, "shop"}};
  leases_.holders = {{"shop", {.host_id = kWeb, .host = "web1"}}};
  fleet_.look_at_hosts();
  v1::SyncRequest report = request();
  add(report, "shop", 1, true);
  sync(kWeb, report);
  const auto text = [this] {
    return *fleet_.entities().render_host_metrics("shop", exposition::Format::kPrometheusText);
  };
  EXPECT_THAT(text(), HasSubstr("muster_target_observed{target=\"shop\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("muster_target_tcp_connected{target=\"shop\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("muster_target_holder{target=\"shop\",host=\"web1\"} 1\n"));
  // Three intervals and two minutes.
  clock_.advance(minutes(5));
  leases_.holders.clear();
  fleet_.look_at_hosts();
  fleet_.entities().rejudge_due();
  EXPECT_THAT(text(), HasSubstr("muster_target_observed{target=\"shop\"} 0\n"));
  EXPECT_THAT(text(), Not(HasSubstr("muster_target_tcp_connected")));
  EXPECT_THAT(text(), Not(HasSubstr("muster_target_holder")));
}

}  // namespace
}  // namespace muster::collector
