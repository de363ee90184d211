// What the store keeps of targets.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/store_sqlite.h"
#include "tests/collector/store_story.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using std::chrono::minutes;
using story::kNow;
using story::kWeb1;
using story::kWeb2;
using story::wait_for;

SectionRecord a_look(uint64_t sequence, const std::string& facts, TimePoint at) {
  SectionRecord record;
  record.sequence = sequence;
  record.state.entity = "web1/postgresql";
  record.state.probe = "tcp";
  record.state.outcome = v1::OUTCOME_OBSERVED;
  record.state.looked_at = record.state.observed_at = at;
  record.state.facts_type = "muster.v1.TcpFacts";
  record.state.facts = facts;
  record.state.digest = std::string(32, 'd');
  return record;
}

TargetWrite a_target(const std::string& reporter, uint64_t epoch, uint64_t sequence,
                     const std::string& facts, TimePoint at = kNow) {
  return {.target_id = "shop",
          .reporter = reporter,
          .epoch = epoch,
          .looked_at = at,
          .sections = {a_look(sequence, facts, at)}};
}

class StoreTargets : public testing::Test {
 protected:
  StoreTargets() : store_(*StoreSqlite::open({.path = directory_.file("store.db")})) {
    EXPECT_TRUE(wait_for([this](Store::Done done) {
                  store_->add_host({.id = kWeb1,
                                    .name = "web1",
                                    .labels = {},
                                    .machine_id_hash = {},
                                    .enrolled_at = kNow,
                                    .last_sync_at = std::nullopt},
                                   std::move(done));
                }).ok());
  }

  // With a report of web1, whoever the target's reporter is.
  absl::Status commit(TargetWrite target) {
    SyncWrite write{.host_id = kWeb1, .epoch = 1, .synced_at = kNow, .sections = {}};
    write.targets.push_back(std::move(target));
    return wait_for([&](Store::Done done) { store_->commit_sync(write, std::move(done)); });
  }

  void reopen() {
    store_.reset();
    store_ = *StoreSqlite::open({.path = directory_.file("store.db")});
  }

  StoredTarget only() {
    const auto targets = store_->load_targets();
    EXPECT_TRUE(targets.ok()) << targets.status();
    EXPECT_EQ(targets->size(), 1u);
    return targets->empty() ? StoredTarget() : targets->front();
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<StoreSqlite> store_;
};

TEST_F(StoreTargets, ComeBackWithTheirReporterSectionsAndMemory) {
  ASSERT_TRUE(commit(a_target(kWeb1, 7, 3, "facts")).ok());
  const policy::FirstSeen memory{{{"", "answers", ""}, kNow}};
  ASSERT_TRUE(wait_for([&](Store::Done done) {
                store_->put_target_first_seen("shop", memory, std::move(done));
              }).ok());
  reopen();
  const StoredTarget shop = only();
  EXPECT_EQ(shop.id, "shop");
  EXPECT_EQ(shop.reporter, kWeb1);
  EXPECT_EQ(shop.epoch, 7u);
  EXPECT_EQ(shop.looked_at, kNow);
  EXPECT_EQ(shop.first_seen, memory);
  ASSERT_EQ(shop.sections.size(), 1u);
  EXPECT_EQ(shop.sections[0].sequence, 3u);
  EXPECT_EQ(shop.sections[0].state.facts, "facts");
  // What it is called may be another name by then.
  EXPECT_EQ(shop.sections[0].state.entity, "");
}

TEST_F(StoreTargets, AnotherReporterBeginsSequencesAnew) {
  ASSERT_TRUE(commit(a_target(kWeb1, 900, 50, "old")).ok());
  ASSERT_TRUE(commit(a_target(kWeb2, 3, 1, "new", kNow + minutes(1))).ok());
  const StoredTarget shop = only();
  EXPECT_EQ(shop.reporter, kWeb2);
  EXPECT_EQ(shop.epoch, 3u);
  EXPECT_EQ(shop.sections[0].sequence, 1u);
  EXPECT_EQ(shop.sections[0].state.facts, "new");
}

TEST_F(StoreTargets, AnEarlierLookOfAnotherReporterAndAnEarlierEpochChangeNothing) {
  ASSERT_TRUE(commit(a_target(kWeb1, 7, 3, "facts")).ok());
  EXPECT_TRUE(commit(a_target(kWeb2, 9, 8, "late", kNow - minutes(1))).ok());
  EXPECT_TRUE(commit(a_target(kWeb1, 6, 9, "earlier", kNow + minutes(1))).ok());
  const StoredTarget shop = only();
  EXPECT_EQ(shop.reporter, kWeb1);
  EXPECT_EQ(shop.sections[0].state.facts, "facts");
}

TEST_F(StoreTargets, TimesMoveWhereTheSequenceAndTheEpochAreTheSame) {
  ASSERT_TRUE(commit(a_target(kWeb1, 7, 3, "facts")).ok());
  const auto move_times = [this](TargetWrite write) {
    return wait_for(
        [&](Store::Done done) { store_->commit_target_times({write}, std::move(done)); });
  };
  EXPECT_TRUE(move_times(a_target("", 8, 3, "", kNow + minutes(2))).ok());
  EXPECT_EQ(only().looked_at, kNow);
  EXPECT_TRUE(move_times(a_target("", 7, 3, "", kNow + minutes(1))).ok());
  EXPECT_EQ(only().looked_at, kNow + minutes(1));
  EXPECT_EQ(only().sections[0].state.looked_at, kNow + minutes(1));
  EXPECT_EQ(only().sections[0].state.facts, "facts");
}

TEST_F(StoreTargets, AMemoryOfATargetThatNobodyReportedIsKept) {
  const policy::FirstSeen memory{{{"", "answers", ""}, kNow}};
  ASSERT_TRUE(wait_for([&](Store::Done done) {
                store_->put_target_first_seen("shop", memory, std::move(done));
              }).ok());
  EXPECT_EQ(only().first_seen, memory);
  EXPECT_FALSE(only().looked_at.has_value());
}

TEST_F(StoreTargets, GoWithEverythingAboutThem) {
  ASSERT_TRUE(commit(a_target(kWeb1, 7, 3, "facts")).ok());
  ASSERT_TRUE(wait_for([&](Store::Done done) {
                store_->remove_targets({"shop", "never-there"}, std::move(done));
              }).ok());
  EXPECT_TRUE(store_->load_targets()->empty());
}

}  // namespace
}  // namespace muster::collector
