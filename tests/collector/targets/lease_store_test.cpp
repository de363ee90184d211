// Who holds which target, in the real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "collector/store/store_sqlite.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

class LeaseStore : public testing::Test {
 protected:
  LeaseStore() { open(); }

  void open() {
    store_.reset();
    auto store = StoreSqlite::open({.path = directory_.file("store.sqlite")});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  absl::Status put(LeaseWrite write) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    store_->put_leases(std::move(write),
                       [promise](absl::Status status) { promise->set_value(std::move(status)); });
    return promise->get_future().get();
  }

  // What there is after a restart.
  StoredLeases reopened() {
    open();
    auto leases = store_->load_leases();
    EXPECT_TRUE(leases.ok()) << leases.status();
    return leases.ok() ? *std::move(leases) : StoredLeases();
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<StoreSqlite> store_;
};

const TargetLeaseRecord moving{
    .target = "shop",
    .holders = {{.host_id = "a", .not_before = kNow, .ends = kNow + std::chrono::minutes(3)},
                {.host_id = "b", .not_before = kNow + std::chrono::minutes(4)}},
    .refused_by = {"a", "c"}};

TEST_F(LeaseStore, IsEmptyAtFirst) {
  const StoredLeases leases = reopened();
  EXPECT_TRUE(leases.targets.empty());
  EXPECT_FALSE(leases.horizon.has_value());
}

TEST_F(LeaseStore, GivesBackHoldersRefusalsAndTheHorizon) {
  const LeaseHorizon horizon{.ends = kNow + std::chrono::minutes(4),
                             .set_at = kNow,
                             .uptime = std::chrono::hours(7),
                             .boot_id = "boot"};
  ASSERT_TRUE(put({.targets = {moving}, .horizon = horizon}).ok());
  const StoredLeases leases = reopened();
  EXPECT_THAT(leases.targets, ElementsAre(moving));
  EXPECT_EQ(leases.horizon, horizon);
}

TEST_F(LeaseStore, ReplacesAllThatWasThereOfATargetAndNothingElse) {
  const TargetLeaseRecord other{.target = "mail",
                                .holders = {{.host_id = "a", .not_before = kNow}}};
  const LeaseHorizon horizon{.ends = kNow, .set_at = kNow, .uptime = {}, .boot_id = "boot"};
  ASSERT_TRUE(put({.targets = {moving, other}, .horizon = horizon}).ok());
  const TargetLeaseRecord moved{.target = "shop", .holders = {moving.holders[1]}};
  ASSERT_TRUE(put({.targets = {moved}}).ok());
  const StoredLeases leases = reopened();
  EXPECT_THAT(leases.targets, UnorderedElementsAre(other, moved));
  EXPECT_EQ(leases.horizon, horizon);
}

TEST_F(LeaseStore, ForgetsATargetThatNobodyHolds) {
  ASSERT_TRUE(put({.targets = {moving}}).ok());
  ASSERT_TRUE(put({.targets = {{.target = "shop", .holders = {}}}}).ok());
  EXPECT_TRUE(reopened().targets.empty());
}

}  // namespace
}  // namespace muster::collector
