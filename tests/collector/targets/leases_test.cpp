// TargetLeases, step by step, with a store that answers at once. What holds whatever happens is in
// lease_model_test.
#include "collector/targets/leases.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/digest.h"
#include "common/targets/look_grid.h"
#include "tests/collector/targets/leases_fixture.h"

namespace muster::collector {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(LeasesTest, GivesAnAgentTheListOnceAndThenOnlyMovesItsEnd) {
  list({"mail", "shop"});
  let_look({"a"});
  const v1::SyncResponse first = join("a");
  EXPECT_THAT(listed(first), ElementsAre("mail", "shop"));
  EXPECT_EQ(first.assignments_sha256(), sha256(first.assignment_list()));
  EXPECT_EQ(lease_of(first), minutes(3));
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(first.assignment_list()));
  const v1::Assignment& mail = list.assignments(0);
  EXPECT_EQ(mail.probe(), "tcp");
  EXPECT_EQ(mail.address(), "192.0.2.1:443");
  EXPECT_EQ(mail.interval_milliseconds(), 60'000u);
  EXPECT_EQ(mail.timeout_milliseconds(), 10'000u);
  EXPECT_EQ(from_proto(mail.not_before()), clock_.now());
  EXPECT_FALSE(mail.has_valid_until());
  pass(minutes(1));
  const v1::SyncResponse second = report("a");
  EXPECT_TRUE(second.assignment_list().empty());
  EXPECT_EQ(second.assignments_sha256(), first.assignments_sha256());
  EXPECT_EQ(lease_of(second), minutes(3));
}

v1::Assignment only_one_of(const v1::SyncResponse& response) {
  v1::AssignmentList list;
  EXPECT_TRUE(list.ParseFromString(response.assignment_list()));
  EXPECT_EQ(list.assignments_size(), 1);
  return list.assignments_size() == 1 ? list.assignments(0) : v1::Assignment();
}

std::shared_ptr<const TargetTable> table_of(const std::string& kind, const std::string& address) {
  Target target;
  target.name = "names";
  target.kind = kind;
  target.address = address;
  target.interval = hours(24);
  return std::make_shared<const TargetTable>(TargetTable::Targets{{"names", target}});
}

TEST_F(LeasesTest, HasADomainLookedAtSoonAndThenOnceADayWhoeverLooks) {
  leases_->set_targets(table_of("domain", "example.org"));
  let_look({"a"});
  const v1::Assignment first = only_one_of(join("a"));
  EXPECT_TRUE(first.look_soon());
  EXPECT_EQ(from_proto(first.not_before()), clock_.now());

  const TimePoint looked_at = clock_.now() + minutes(3);
  leases_->set_last_look("names", looked_at);
  const v1::Assignment second = only_one_of(report("a"));
  EXPECT_FALSE(second.look_soon());
  EXPECT_EQ(from_proto(second.not_before()), looked_at + hours(24) - minutes(90));
  // The same told again, or an older one that comes late, changes nothing.
  leases_->set_last_look("names", looked_at);
  leases_->set_last_look("names", looked_at - minutes(1));
  EXPECT_TRUE(report("a").assignment_list().empty());

  // It goes to another agent, which looks no sooner.
  let_look({"b"});
  pass(minutes(10));
  const v1::Assignment moved = only_one_of(join("b"));
  EXPECT_FALSE(moved.look_soon());
  EXPECT_EQ(from_proto(moved.not_before()), looked_at + hours(24) - minutes(90));

  // Another domain by the same name was never looked at.
  leases_->set_targets(table_of("domain", "example.net"));
  const v1::Assignment other = only_one_of(report("b"));
  EXPECT_TRUE(other.look_soon());
  EXPECT_EQ(other.address(), "example.net");
}

TEST_F(LeasesTest, HasAZoneLookedAtSoonAndThenByItsGridAlone) {
  leases_->set_targets(table_of("zone", "example.org"));
  let_look({"a"});
  EXPECT_TRUE(only_one_of(join("a")).look_soon());
  leases_->set_last_look("names", clock_.now());
  const v1::Assignment second = only_one_of(report("a"));
  EXPECT_FALSE(second.look_soon());
  EXPECT_LE(from_proto(second.not_before()), clock_.now());
}

TEST_F(LeasesTest, HasNoEndpointLookedAtSoonerThanItsGridSays) {
  list({"mail"});
  let_look({"a"});
  EXPECT_FALSE(only_one_of(join("a")).look_soon());
}

TEST_F(LeasesTest, SaysNothingToAHostThatDoesNotLook) {
  list({"mail"});
  let_look({"a"});
  const v1::SyncResponse response = report("other");
  EXPECT_EQ(response.ByteSizeLong(), 0u);
  EXPECT_FALSE(leases_->may_report("other", "mail", clock_.now()));
}

TEST_F(LeasesTest, TakesFromASilentAgentOnlyWhenItsLeaseHasEnded) {
  list({"mail"});
  let_look({"a"});
  join("a");
  let_look({"a", "b"});
  // Whoever has it keeps it as long as it reports.
  const std::string first = holder_of("mail");
  ASSERT_EQ(first, "a.example");
  let_look({"b"});
  const TimePoint end = clock_.now() + minutes(3);
  const v1::SyncResponse joined = join("b");
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(joined.assignment_list()));
  ASSERT_EQ(list.assignments_size(), 1);
  EXPECT_GE(from_proto(list.assignments(0).not_before()), end + seconds(1));
  EXPECT_EQ(holder_of("mail"), "a.example");
  // The one who goes has it with that end.
  const v1::SyncResponse last = report("a");
  v1::AssignmentList going;
  ASSERT_TRUE(going.ParseFromString(last.assignment_list()));
  EXPECT_LT(from_proto(going.assignments(0).valid_until()),
            from_proto(list.assignments(0).not_before()));
  pass(minutes(2));
  report("b");
  pass(minutes(2));
  report("b");
  EXPECT_EQ(holder_of("mail"), "b.example");
  EXPECT_EQ(leases_->counts().moves, 1u);
}

TEST_F(LeasesTest, ReportsAreTakenFromTheHolderAndOfTheTimeOfTheFormer) {
  list({"mail"});
  let_look({"a"});
  join("a");
  EXPECT_TRUE(leases_->may_report("a", "mail", clock_.now()));
  EXPECT_FALSE(leases_->may_report("b", "mail", clock_.now()));
  EXPECT_FALSE(leases_->may_report("a", "other", clock_.now()));
  const TimePoint held = clock_.now();
  let_look({"b"});
  join("b");
  EXPECT_FALSE(leases_->may_report("b", "mail", clock_.now()));
  pass(minutes(2));
  report("b");
  pass(minutes(2));
  EXPECT_TRUE(leases_->may_report("b", "mail", clock_.now()));
  EXPECT_TRUE(leases_->may_report("a", "mail", held));
  EXPECT_TRUE(leases_->may_report("a", "mail", held + minutes(3)));
  EXPECT_FALSE(leases_->may_report("a", "mail", clock_.now()));
}

// The end that it was told with the change is one that it may still know when it holds the target
// for good again, and is silent from then on.
TEST_F(LeasesTest, WhatComesBackToTheFormerIsItsUntilTheEndItWasToldOfTheChange) {
  const LookGrid grid("mail", minutes(1));
  const TimePoint look = grid.begin(grid.first_from(clock_.now() + minutes(3)));
  // Its lease ends in the middle of a look, so that the change waits for the end of that.
  clock_.advance(look + seconds(1) - minutes(3) - clock_.now());
  start();
  list({"mail"});
  let_look({"a"});
  const TimePoint lease_end = clock_.now() + lease_of(join("a"));
  ASSERT_EQ(lease_end, look + seconds(1));
  // It falls to b, whose share is larger by far.
  leases_->set_lookers({{.host_id = "a", .host = "a.example"},
                        {.host_id = "b", .host = "b.example", .weight = 100}});
  report("b");
  leases_->look();
  v1::AssignmentList told;
  ASSERT_TRUE(told.ParseFromString(report("a").assignment_list()));
  ASSERT_EQ(told.assignments_size(), 1);
  const TimePoint end = from_proto(told.assignments(0).valid_until());
  ASSERT_GT(end, lease_end + seconds(5));
  // Back, before b could hear of it; a does not report any more.
  let_look({"a"});
  leases_->look();
  ASSERT_EQ(holder_of("mail"), "a.example");
  pass(minutes(3) + seconds(3));
  let_look({"c"});
  v1::AssignmentList next;
  ASSERT_TRUE(next.ParseFromString(join("c").assignment_list()));
  ASSERT_EQ(next.assignments_size(), 1);
  EXPECT_GE(from_proto(next.assignments(0).not_before()), end + seconds(1));
}

TEST_F(LeasesTest, ANewAddressIsInTheListAtOnce) {
  list({"mail"});
  let_look({"a"});
  join("a");
  list({"mail"}, "192.0.2.99:443");
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(report("a").assignment_list()));
  EXPECT_EQ(list.assignments(0).address(), "192.0.2.99:443");
}

TEST_F(LeasesTest, GoesToAnotherWhereAnAgentRefusesItAndStaysThere) {
  list({"mail"});
  let_look({"a", "b"});
  join("a");
  join("b");
  pass(minutes(1));
  const std::string refuser = leases_->holder_of("mail")->host_id;
  const std::string other = refuser == "a" ? "b" : "a";
  for (int minute = 0; minute < 6; ++minute) {
    for (const std::string& host : {refuser, other})
      report(host, minutes(1),
             host == refuser && minute == 0 ? std::vector<std::string>{"mail"}
                                            : std::vector<std::string>{});
    pass(minutes(1));
  }
  EXPECT_EQ(leases_->holder_of("mail")->host_id, other);
  // After a restart, too.
  start();
  list({"mail"});
  let_look({"a", "b"});
  for (int minute = 0; minute < 6; ++minute) {
    report("a");
    report("b");
    pass(minutes(1));
    EXPECT_EQ(leases_->holder_of("mail")->host_id, other);
  }
}

TEST_F(LeasesTest, AnHourLaterAsksOthersAgainWhatEverybodyRefuses) {
  list({"mail"});
  let_look({"a", "b"});
  std::set<std::string> asked;
  for (int minute = 0; minute < 80; ++minute) {
    for (const std::string host : {"a", "b"}) {
      const auto holder = leases_->holder_of("mail");
      const bool holds = holder && holder->host_id == host;
      if (minute > 65 && holds) asked.insert(host);
      report(host, minutes(1),
             holds ? std::vector<std::string>{"mail"} : std::vector<std::string>{});
    }
    pass(minutes(1));
  }
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(LeasesTest, GivesAnAgentNoMoreThanItTakes) {
  options_.most_targets = 2;
  start();
  list({"a1", "a2", "a3"});
  let_look({"a"});
  EXPECT_THAT(listed(join("a")), ElementsAre("a1", "a2"));
  EXPECT_THAT(leases_->note_of("a3"), AllOf(HasSubstr("2 targets"), HasSubstr("role=monitor")));
  // One that is taken off the list makes room, within a minute.
  list({"a1", "a3"});
  pass(minutes(1));
  EXPECT_THAT(listed(report("a")), ElementsAre("a1", "a3"));
}

TEST_F(LeasesTest, GivesAnAgentNoMoreBytesThanOneAnswerHas) {
  options_.most_list_bytes = 10'000;
  start();
  std::vector<std::string> names;
  for (int number = 0; number < 1'000; ++number)
    names.push_back(fmt::format("target-number-{:04}", number));
  list(names);
  let_look({"a"});
  const v1::SyncResponse response = join("a");
  EXPECT_GT(response.assignment_list().size(), 5'000u);
  EXPECT_LT(response.assignment_list().size(), 10'100u);
}

TEST_F(LeasesTest, ASlowerPaceMakesLongerLeasesUpToADayAndAnHour) {
  list({"mail"});
  let_look({"a"});
  join("a");
  // At first the store has not that much ahead: the agent is asked to come sooner.
  v1::SyncResponse response;
  response.set_next_sync_milliseconds(3'600'000);
  v1::SyncRequest request;
  leases_->answer("a", request, hours(1), response);
  EXPECT_LT(lease_of(response), minutes(5));
  EXPECT_LT(response.next_sync_milliseconds(), 100'000u);
  leases_->look();
  EXPECT_EQ(lease_of(report("a", hours(1))), hours(3));
  report("a", hours(20));
  leases_->look();
  EXPECT_EQ(lease_of(report("a", hours(20))), hours(25));
}

TEST_F(LeasesTest, TheMarginIsThatOfTheLongestLeaseThatStillRuns) {
  list({"mail"});
  let_look({"a"});
  join("a");
  report("a", hours(1));
  leases_->look();
  ASSERT_EQ(lease_of(report("a", hours(1))), hours(3));
  const TimePoint end = clock_.now() + hours(3);
  pass(minutes(1));
  report("a");
  let_look({"b"});
  v1::AssignmentList list;
  ASSERT_TRUE(list.ParseFromString(join("b").assignment_list()));
  EXPECT_GE(from_proto(list.assignments(0).not_before()),
            end + seconds(1) + Duration(hours(3)) / 1000);
}

TEST_F(LeasesTest, AnAgentThatIsNewReportsAgainSoonForItsList) {
  list({"mail"});
  let_look({"a"});
  EXPECT_EQ(report("a").next_sync_milliseconds(), 5'000u);
  leases_->look();
  EXPECT_EQ(report("a").next_sync_milliseconds(), 0u);
}

TEST_F(LeasesTest, SaysWhyNobodyLooks) {
  list({"mail"});
  EXPECT_THAT(leases_->note_of("mail"), HasSubstr("no host has the labels role=monitor"));
  let_look({"a"});
  EXPECT_EQ(
      leases_->note_of("mail"),
      "no agent that may look at it reports: a.example with the labels role=monitor is silent");
  report("a");
  leases_->look();
  EXPECT_EQ(leases_->note_of("mail"), "a.example begins with its next report");
  report("a");
  EXPECT_EQ(leases_->note_of("mail"), "");
  EXPECT_EQ(leases_->note_of("unheard-of"), "");
  options_.agents = "";
  start();
  list({"shop"});
  EXPECT_THAT(leases_->note_of("shop"), HasSubstr("no labels in targets.agents"));
}

TEST_F(LeasesTest, CountsForMetrics) {
  list({"mail", "shop"});
  let_look({"a", "b"});
  join("a");
  const TargetLeases::Counts counts = leases_->counts();
  EXPECT_EQ(counts.targets, 2u);
  EXPECT_EQ(counts.held, 2u);
  EXPECT_EQ(counts.agents, 1u);
  EXPECT_EQ(counts.moves, 0u);
  EXPECT_EQ(counts.configured_lease, minutes(3));
  EXPECT_EQ(counts.lease, minutes(3));
}

TEST_F(LeasesTest, CountsTheLongestLeaseThatAnAgentHas) {
  list({"mail"});
  let_look({"a", "b"});
  join("a");
  join("b");
  report("a", hours(1));
  leases_->look();
  report("a", hours(1));
  EXPECT_EQ(leases_->counts().lease, hours(3));
  EXPECT_EQ(leases_->counts().configured_lease, minutes(3));
  // It is told to come more often again, and may look on for as long as it was told.
  pass(minutes(1));
  report("a");
  EXPECT_EQ(leases_->counts().lease, hours(3) - minutes(1));
  pass(hours(3));
  report("b");
  EXPECT_EQ(leases_->counts().lease, minutes(3)) << "a is silent for longer than its lease";
}

}  // namespace
}  // namespace muster::collector
