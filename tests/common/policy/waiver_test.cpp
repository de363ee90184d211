// What a waiver does to a verdict: what is unmet counts as waived while it lasts, and as it did
// before when it has ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/evaluation.h"
#include "tests/common/policy/facts.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SubjectKey key(std::string subject, std::string control = "updates") {
  return {.entity = "", .control = std::move(control), .subject = std::move(subject)};
}

// Two security updates that have waited for 20 days, of a control that gives 14; web1.
class WaiverTest : public ::testing::Test {
 protected:
  WaiverTest() {
    Control updates = control_of("security_updates");
    updates.id = "updates";
    updates.deadlines = Deadlines::all(days(14));
    updates.max_age = days(4000);
    policy_.controls = {updates};
    v1::PackageFacts facts = apt_facts();
    add_update(facts, "linux-image-amd64", v1::SECURITY_YES);
    add_update(facts, "openssl", v1::SECURITY_YES);
    sections_ = {observed("packages-apt", facts)};
    for (const std::string subject : {"linux-image-amd64", "openssl"})
      memory_[key(subject)] = kNow - days(20);
  }

  Waiver& waive(std::string id, std::vector<std::string> subjects, TimePoint starts,
                TimePoint ends) {
    policy_.waivers.push_back({.id = std::move(id),
                               .control = "updates",
                               .subjects = std::move(subjects),
                               .reason = "the vendor forbids it",
                               .approved_by = "Ada",
                               .ticket = "OPS-1",
                               .starts = starts,
                               .ends = ends});
    return policy_.waivers.back();
  }

  Evaluation evaluate_at(TimePoint now) {
    return evaluate({.sections = sections_, .name = "web1"}, memory_, policy_, now);
  }
  v1::Verdict at(TimePoint now) { return evaluate_at(now).verdicts.at(0); }

  // "openssl fail", worst first.
  std::vector<std::string> statuses_at(TimePoint now) {
    std::vector<std::string> result;
    const v1::Verdict verdict = at(now);
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      result.push_back(subject.subject() + " " + std::string(status_name(subject.status())));
    }
    return result;
  }

  Policy policy_;
  std::vector<SectionState> sections_;
  FirstSeen memory_;
};

TEST_F(WaiverTest, CoversTheSubjectsItsPatternsMatch) {
  EXPECT_THAT(statuses_at(kNow), ElementsAre("linux-image-amd64 fail", "openssl fail"));
  waive("kernel", {"vim", "linux-image-*"}, kNow - days(1), kNow + days(1));
  EXPECT_THAT(statuses_at(kNow), ElementsAre("openssl fail", "linux-image-amd64 waived"));
  EXPECT_EQ(at(kNow).status(), v1::STATUS_FAIL);
  policy_.waivers[0].subjects = {};
  EXPECT_THAT(statuses_at(kNow), ElementsAre("linux-image-amd64 waived", "openssl waived"));
  EXPECT_EQ(at(kNow).status(), v1::STATUS_WAIVED);
}

TEST_F(WaiverTest, NamesItselfItsEndItsApproverAndItsReason) {
  waive("freeze", {}, kNow - days(1), kNow + days(30));
  const v1::Verdict verdict = at(kNow);
  const v1::SubjectVerdict& subject = verdict.subjects(1);
  EXPECT_EQ(subject.waiver(), "freeze");
  EXPECT_EQ(subject.reason(), "1.0-2 waits; waived until 2026-12-21 by Ada: the vendor forbids it");
  EXPECT_EQ(verdict.summary(),
            "2 security updates wait: linux-image-amd64, openssl; waived until 2026-12-21 by Ada");
  // What is waived does not press.
  EXPECT_FALSE(verdict.has_deadline());
  EXPECT_EQ(evaluate_at(kNow).standings[0].deadline, TimePoint::max());
}

TEST_F(WaiverTest, TheSummaryOfWhatIsWaivedInPartNamesNone) {
  waive("freeze", {"openssl"}, kNow - days(1), kNow + days(30));
  EXPECT_EQ(at(kNow).summary(), "2 security updates wait: linux-image-amd64, openssl");
}

TEST_F(WaiverTest, TheSummaryNamesTheWaiverThatEndsFirst) {
  waive("a", {"openssl"}, kNow - days(1), kNow + days(30));
  waive("b", {"linux-*"}, kNow - days(1), kNow + days(3)).approved_by = "Bob";
  EXPECT_THAT(at(kNow).summary(), HasSubstr("; waived until 2026-11-24 by Bob"));
}

TEST_F(WaiverTest, BeginsAndEndsAtTheMomentItNames) {
  const TimePoint starts = kNow + days(1);
  const TimePoint ends = kNow + days(9);
  waive("freeze", {}, starts, ends);
  struct Case {
    TimePoint now;
    v1::Status status;
    TimePoint valid_until;
  };
  for (const Case& c : {Case{kNow, v1::STATUS_FAIL, starts},
                        {starts - kMicrosecond, v1::STATUS_FAIL, starts},
                        {starts, v1::STATUS_WAIVED, ends},
                        {ends - kMicrosecond, v1::STATUS_WAIVED, ends},
                        {ends, v1::STATUS_FAIL, kNow + days(4000)}}) {
    const Evaluation evaluation = evaluate_at(c.now);
    EXPECT_EQ(evaluation.standings[0].status, c.status);
    EXPECT_EQ(evaluation.standings[0].valid_until, c.valid_until);
    EXPECT_EQ(from_proto(evaluation.verdicts[0].valid_until()), c.valid_until);
  }
}

TEST_F(WaiverTest, TheTimeGoesOnUnderIt) {
  waive("freeze", {}, kNow, kNow + days(9));
  const Evaluation during = evaluate_at(kNow + days(8));
  EXPECT_EQ(during.first_seen, memory_);
  EXPECT_FALSE(during.first_seen_changed);
  EXPECT_EQ(from_proto(during.verdicts[0].subjects(0).first_failed_at()), kNow - days(20));
  // Long past its deadline, it fails at once and gets no new one.
  const v1::Verdict after = at(kNow + days(9));
  EXPECT_EQ(after.status(), v1::STATUS_FAIL);
  EXPECT_EQ(from_proto(after.deadline()), kNow - days(6));
}

TEST_F(WaiverTest, WhatIsFirstUnmetUnderItIsRememberedFromThen) {
  memory_.clear();
  waive("freeze", {}, kNow - days(1), kNow + days(3));
  memory_ = evaluate_at(kNow).first_seen;
  EXPECT_THAT(memory_, ElementsAre(std::pair(key("linux-image-amd64"), kNow),
                                   std::pair(key("openssl"), kNow)));
  const v1::Verdict after = at(kNow + days(3));
  EXPECT_EQ(after.status(), v1::STATUS_DUE);
  EXPECT_EQ(from_proto(after.deadline()), kNow + days(14));
}

TEST_F(WaiverTest, OfSeveralTheLastToEndIsTheOneThatCounts) {
  waive("a", {}, kNow - days(1), kNow + days(5));
  waive("b", {"openssl"}, kNow - days(1), kNow + days(9));
  waive("c", {"*"}, kNow + days(4), kNow + days(7));
  const auto waivers_at = [this](TimePoint now) {
    std::vector<std::string> names;
    const v1::Verdict verdict = at(now);
    for (const v1::SubjectVerdict& subject : verdict.subjects())
      names.push_back(subject.waiver());
    return names;
  };
  EXPECT_THAT(waivers_at(kNow), ElementsAre("a", "b"));
  EXPECT_THAT(waivers_at(kNow + days(4)), ElementsAre("c", "b"));
  // Without a gap between a and c.
  EXPECT_THAT(statuses_at(kNow + days(5)),
              ElementsAre("linux-image-amd64 waived", "openssl waived"));
  EXPECT_THAT(statuses_at(kNow + days(7)), ElementsAre("linux-image-amd64 fail", "openssl waived"));
  EXPECT_THAT(statuses_at(kNow + days(9)), ElementsAre("linux-image-amd64 fail", "openssl fail"));
}

TEST_F(WaiverTest, IsOfOneControlAndOfTheHostsItSelects) {
  waive("freeze", {}, kNow - days(1), kNow + days(1)).control = "lists";
  EXPECT_EQ(at(kNow).status(), v1::STATUS_FAIL);
  policy_.waivers[0].control = "updates";
  policy_.waivers[0].match.hosts = {"db*"};
  EXPECT_EQ(at(kNow).status(), v1::STATUS_FAIL);
  policy_.waivers[0].match.hosts = {"web*"};
  EXPECT_EQ(at(kNow).status(), v1::STATUS_WAIVED);
  // Which it is of, before the host has told its operating system, nobody knows: not of this.
  policy_.waivers[0].match.os = {"debian"};
  EXPECT_EQ(at(kNow).status(), v1::STATUS_FAIL);
}

TEST_F(WaiverTest, CoversWhatIsUnmetAndNeverWhatIsUnknown) {
  waive("freeze", {}, kNow - days(1), kNow + days(9));
  sections_ = {failed(without_facts("packages-apt"), "killed")};
  EXPECT_EQ(at(kNow).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(at(kNow).subjects(0).waiver(), "");
  sections_ = {observed("packages-apt", apt_facts())};
  EXPECT_EQ(at(kNow).status(), v1::STATUS_PASS);
  EXPECT_EQ(at(kNow).summary(), "no security updates wait");
}

TEST_F(WaiverTest, CoversAnUnmetSubjectBesideAnUnknownOne) {
  waive("freeze", {}, kNow - days(1), kNow + days(9));
  sections_.push_back(failed(without_facts("packages-rpm"), "killed"));
  EXPECT_THAT(statuses_at(kNow),
              ElementsAre(" unknown", "linux-image-amd64 waived", "openssl waived"));
  EXPECT_EQ(at(kNow).status(), v1::STATUS_UNKNOWN);
}

// Of what is met as a whole: "host" is the subject without a name.
TEST_F(WaiverTest, APatternForEverythingCoversTheHostItself) {
  policy_.controls = {control_of("host_reporting")};
  waive("moving", {"*"}, kNow, kNow + days(1)).control = "c";
  const HostView silent{.sections = {}, .last_sync = kNow - days(1), .name = "web1"};
  EXPECT_EQ(evaluate(silent, {}, policy_, kNow).verdicts[0].status(), v1::STATUS_WAIVED);
  policy_.waivers[0].subjects = {"linux*"};
  EXPECT_EQ(evaluate(silent, {}, policy_, kNow).verdicts[0].status(), v1::STATUS_FAIL);
}

// waivers_current, told of two waivers of other controls; warns 7 days ahead.
class WaiversCurrentTest : public WaiverTest {
 protected:
  WaiversCurrentTest() {
    policy_.controls = {control_of("waivers_current")};
    sections_.clear();
    memory_.clear();
  }
};

TEST_F(WaiversCurrentTest, IsDueInTheWeekBeforeAnEnd) {
  const TimePoint ends = kNow + days(30);
  waive("freeze", {"linux*"}, kNow, ends);
  struct Case {
    TimePoint now;
    v1::Status status;
    std::string summary;
    TimePoint valid_until;
  };
  const std::string renew =
      "the waiver of updates ends on 2026-12-21: renew it, or meet the control";
  const Case cases[] = {
      {kNow - kMicrosecond, v1::STATUS_NOT_APPLICABLE, "no waiver covers this host", kNow},
      {kNow, v1::STATUS_PASS, "the waiver of updates ends on 2026-12-21", ends - days(7)},
      {ends - days(7) - kMicrosecond, v1::STATUS_PASS, "the waiver of updates ends on 2026-12-21",
       ends - days(7)},
      {ends - days(7), v1::STATUS_DUE, renew, ends},
      {ends - kMicrosecond, v1::STATUS_DUE, renew, ends},
      {ends, v1::STATUS_NOT_APPLICABLE, "no waiver covers this host", TimePoint::max()},
  };
  for (const Case& c : cases) {
    const Evaluation evaluation = evaluate_at(c.now);
    EXPECT_EQ(evaluation.standings[0].status, c.status);
    EXPECT_EQ(evaluation.verdicts[0].summary(), c.summary);
    EXPECT_EQ(evaluation.valid_until, c.valid_until);
    EXPECT_EQ(evaluation.standings[0].deadline,
              c.status == v1::STATUS_DUE ? ends : TimePoint::max());
  }
}

TEST_F(WaiversCurrentTest, WarnsAsFarAheadAsTheControlSays) {
  waive("freeze", {}, kNow, kNow + days(30));
  policy_.controls[0].parameters = {{"warn_before", Duration(days(20))}};
  EXPECT_EQ(at(kNow + days(10) - kMicrosecond).status(), v1::STATUS_PASS);
  EXPECT_EQ(at(kNow + days(10)).status(), v1::STATUS_DUE);
}

TEST_F(WaiversCurrentTest, JudgesEachWaiverOfTheHostAndLooksAgainWhenOneBegins) {
  waive("first", {}, kNow, kNow + days(3));
  waive("second", {}, kNow, kNow + days(30));
  waive("later", {}, kNow + days(1), kNow + days(30));
  waive("elsewhere", {}, kNow, kNow + days(2)).match.hosts = {"db*"};
  waive("gone", {}, kNow - days(9), kNow);
  EXPECT_THAT(statuses_at(kNow), ElementsAre("first due", "second pass"));
  EXPECT_EQ(evaluate_at(kNow).valid_until, kNow + days(1));
  EXPECT_THAT(statuses_at(kNow + days(1)), ElementsAre("first due", "later pass", "second pass"));
}

}  // namespace
}  // namespace muster::policy
