// TargetLeases and what the store has of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/targets/leases_fixture.h"

namespace muster::collector {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(LeasesTest, ChangesNothingBeforeItKnowsTargetsAndAgents) {
  digests_["a"] = std::string(32, 'x');
  const TimePoint now = clock_.now();
  store_.leases.horizon = LeaseHorizon{
      .ends = now + minutes(4), .set_at = now, .uptime = clock_.uptime(), .boot_id = "boot"};
  store_.leases.targets = {{.target = "mail", .holders = {{.host_id = "a", .not_before = now}}}};
  start();
  const v1::SyncResponse response = report("a");
  EXPECT_EQ(response.assignments_sha256(), std::string(32, 'x'));
  EXPECT_EQ(lease_of(response), Duration());
  // What it saw before is taken all the same.
  EXPECT_TRUE(leases_->may_report("a", "mail", clock_.now()));
  EXPECT_FALSE(leases_->may_report("b", "mail", clock_.now()));
}

TEST_F(LeasesTest, GrantsNothingThatTheStoreDoesNotTake) {
  store_.status = absl::ResourceExhaustedError("the disk is full");
  list({"mail"});
  let_look({"a"});
  EXPECT_THAT(listed(join("a")), IsEmpty());
  EXPECT_EQ(lease_of(report("a")), Duration());
  EXPECT_EQ(holder_of("mail"), "");
  EXPECT_THAT(leases_->note_of("mail"), AllOf(HasSubstr("a.example cannot begin before the store"),
                                              HasSubstr("the disk is full")));
  store_.status = absl::OkStatus();
  leases_->look();
  EXPECT_THAT(listed(report("a")), ElementsAre("mail"));
  EXPECT_EQ(lease_of(report("a")), minutes(3));
}

TEST_F(LeasesTest, AfterARestoreNobodyBeginsBeforeEverybodyHasEnded) {
  const TimePoint now = clock_.now();
  store_.leases.horizon = LeaseHorizon{.ends = now + minutes(4),
                                       .set_at = now,
                                       .uptime = clock_.uptime(),
                                       .boot_id = std::string(kRestoredBoot)};
  start();
  list({"mail"});
  let_look({"a"});
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(join("a").assignment_list()));
  ASSERT_EQ(list.assignments_size(), 1);
  EXPECT_EQ(from_proto(list.assignments(0).not_before()),
            now + minutes(4) + seconds(1) + std::chrono::milliseconds(240));
  EXPECT_THAT(leases_->note_of("mail"),
              HasSubstr("when leases from before the collector was restored have ended"));
  // One more restart changes nothing of that.
  EXPECT_EQ(store_.leases.horizon->boot_id, kRestoredBoot);
  pass(minutes(4) + seconds(2));
  report("a");
  EXPECT_EQ(holder_of("mail"), "a.example");
}

TEST_F(LeasesTest, WritesNothingWhereNobodyLooks) {
  list({"mail"});
  let_look({});
  pass(minutes(5));
  EXPECT_FALSE(store_.leases.horizon.has_value());
  EXPECT_THAT(store_.leases.targets, IsEmpty());
}

TEST_F(LeasesTest, ForgetsATargetThatIsGoneWhenNobodyCanLookAtItAnyMore) {
  list({"mail"});
  let_look({"a"});
  join("a");
  EXPECT_EQ(store_.leases.targets.size(), 1u);
  list({});
  pass(minutes(4));
  EXPECT_THAT(store_.leases.targets, IsEmpty());
}

TEST_F(LeasesTest, ATargetThatComesBackWaitsForWhoMayStillLookAtItsOldAddress) {
  list({"mail"});
  let_look({"a"});
  join("a");
  const TimePoint end = clock_.now() + minutes(3);
  list({});
  let_look({"b"});
  report("b");
  pass(seconds(5));
  list({"mail"}, "192.0.2.99:443");
  leases_->look();
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(report("b").assignment_list()));
  ASSERT_EQ(list.assignments_size(), 1);
  EXPECT_EQ(list.assignments(0).address(), "192.0.2.99:443");
  EXPECT_GE(from_proto(list.assignments(0).not_before()), end + seconds(1));
}

TEST_F(LeasesTest, ATargetThatComesBackIsHeldAgainOnceTheStoreHasThat) {
  list({"mail"});
  let_look({"a"});
  join("a");
  list({});
  leases_->look();
  // Now the store has that it ends.
  store_.status = absl::UnavailableError("the disk is full");
  list({"mail"});
  leases_->look();
  EXPECT_THAT(listed(report("a")), IsEmpty());
  store_.status = absl::OkStatus();
  leases_->look();
  EXPECT_THAT(listed(report("a")), ElementsAre("mail"));
}

TEST_F(LeasesTest, AnEndFromBeforeARebootIsToldToNobodyAlsoAfterOneMoreRestart) {
  const TimePoint now = clock_.now();
  store_.leases.horizon = LeaseHorizon{
      .ends = now + minutes(3), .set_at = now, .uptime = clock_.uptime(), .boot_id = "other boot"};
  store_.leases.targets = {
      {.target = "mail",
       .holders = {{.host_id = "a", .not_before = now, .ends = now + minutes(2)},
                   {.host_id = "b", .not_before = now + minutes(2) + seconds(2)}}}};
  for (int start_again = 0; start_again < 3; ++start_again) {
    clock_.advance(seconds(20));
    start();
    list({"mail"});
    let_look({"a", "b"});
    leases_->look();
    EXPECT_THAT(listed(report("a")), IsEmpty()) << start_again;
    EXPECT_EQ(store_.leases.horizon->boot_id, "boot");
  }
}

// Counts what it is given before the first horizon, and with it.
class CountingStore : public FakeStore {
 public:
  void put_leases(LeaseWrite write, Done done) override {
    if (!has_horizon_) count += write.targets.size();
    has_horizon_ = has_horizon_ || (status.ok() && write.horizon.has_value());
    FakeStore::put_leases(std::move(write), std::move(done));
  }
  size_t count = 0;

 private:
  bool has_horizon_ = false;
};

TEST_F(LeasesTest, TheStoreHasAllThatARebootChangedBeforeItHasTheNewClock) {
  const TimePoint now = clock_.now();
  CountingStore store;
  store.leases.horizon = LeaseHorizon{
      .ends = now + minutes(3), .set_at = now, .uptime = clock_.uptime(), .boot_id = "other boot"};
  std::vector<std::string> names;
  for (int number = 0; number < 1'500; ++number) {
    names.push_back("t" + std::to_string(number));
    store.leases.targets.push_back(
        {.target = names.back(),
         .holders = {{.host_id = "a", .not_before = now, .ends = now + minutes(2)},
                     {.host_id = "b", .not_before = now + minutes(2) + seconds(2)}}});
  }
  auto made = make_target_leases(clock_, store, options_);
  ASSERT_TRUE(made.ok());
  leases_ = *std::move(made);
  store.status = absl::UnavailableError("the disk is full");
  list(names);
  let_look({"a", "b"});
  store.count = 0;
  store.status = absl::OkStatus();
  leases_->look();
  EXPECT_EQ(store.count, 1'500u);
  EXPECT_EQ(store.leases.horizon->boot_id, "boot");
  leases_.reset();
}

}  // namespace
}  // namespace muster::collector
