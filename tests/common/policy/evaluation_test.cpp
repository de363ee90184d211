#include "common/policy/evaluation.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/common/policy/facts.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

Control security_control() {
  Control control;
  control.id = "security-updates";
  control.title = "Security updates are in";
  control.rule = "security_updates";
  control.severity = v1::SEVERITY_HIGH;
  control.deadlines = Deadlines::all(days(14));
  return control;
}

SectionState waiting(const std::vector<std::string>& packages, TimePoint observed_at) {
  v1::PackageFacts facts = apt_facts();
  for (const std::string& package : packages)
    add_update(facts, package, v1::SECURITY_YES);
  return observed("packages-apt", facts, observed_at);
}

Evaluation judge(const std::vector<SectionState>& sections, const FirstSeen& first_seen,
                 TimePoint now) {
  return evaluate({.sections = sections, .last_sync = std::nullopt}, first_seen,
                  {{security_control()}}, now);
}

SubjectKey key(std::string subject) {
  return {.entity = "", .control = "security-updates", .subject = std::move(subject)};
}

TEST(Evaluate, FillsTheVerdictFromTheControlAndItsFacts) {
  const Evaluation evaluation = judge({waiting({"openssl"}, kNow - hours(2))}, {}, kNow);
  const v1::Verdict& verdict = evaluation.verdicts.at(0);
  EXPECT_EQ(verdict.control(), "security-updates");
  EXPECT_EQ(verdict.title(), "Security updates are in");
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_HIGH);
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
  ASSERT_EQ(verdict.subjects_size(), 1);
  ASSERT_EQ(verdict.subjects(0).evidence_size(), 1);
  EXPECT_EQ(verdict.subjects(0).evidence(0).probe(), "packages-apt");
  EXPECT_EQ(from_proto(verdict.subjects(0).evidence(0).observed_at()), kNow - hours(2));
}

TEST(Evaluate, CountsTheDeadlineFromWhenASubjectWasFirstUnmet) {
  const FirstSeen memory{{key("openssl"), kNow}};
  struct Case {
    Duration later;
    v1::Status status;
  };
  for (const Case& c : {Case{Duration(0), v1::STATUS_DUE},
                        {days(14) - kMicrosecond, v1::STATUS_DUE},
                        {days(14), v1::STATUS_FAIL},
                        {days(15), v1::STATUS_FAIL}}) {
    const TimePoint now = kNow + c.later;
    const Evaluation evaluation = judge({waiting({"openssl"}, now)}, memory, now);
    EXPECT_EQ(evaluation.verdicts[0].status(), c.status);
    EXPECT_EQ(from_proto(evaluation.verdicts[0].deadline()), kNow + days(14));
    EXPECT_EQ(from_proto(evaluation.verdicts[0].subjects(0).first_failed_at()), kNow);
    EXPECT_EQ(evaluation.first_seen, memory);
  }
}

TEST(Evaluate, GivesTheTimeThatTheControlHasForItsSeverity) {
  Control control = security_control();
  control.deadlines = {.low = days(90), .medium = days(30), .high = days(7), .critical = days(0)};
  struct Case {
    v1::Severity severity;
    int days;
  };
  for (const Case& c : {Case{v1::SEVERITY_LOW, 90},
                        {v1::SEVERITY_MEDIUM, 30},
                        {v1::SEVERITY_HIGH, 7},
                        // What no policy says.
                        {v1::SEVERITY_UNSPECIFIED, 30},
                        {static_cast<v1::Severity>(99), 30}}) {
    control.severity = c.severity;
    const std::vector<SectionState> sections{waiting({"openssl"}, kNow)};
    const v1::Verdict verdict =
        evaluate({.sections = sections}, {}, {{control}}, kNow).verdicts.at(0);
    EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
    EXPECT_EQ(from_proto(verdict.deadline()), kNow + days(c.days));
  }
  // No time at all is no deadline that has passed.
  control.severity = v1::SEVERITY_CRITICAL;
  const std::vector<SectionState> sections{waiting({"openssl"}, kNow)};
  const Evaluation evaluation = evaluate({.sections = sections}, {}, {{control}}, kNow);
  EXPECT_EQ(evaluation.standings[0].status, v1::STATUS_FAIL);
  EXPECT_EQ(evaluation.standings[0].deadline, TimePoint::max());
  EXPECT_FALSE(evaluation.verdicts[0].subjects(0).has_deadline());
}

TEST(Evaluate, RemembersEachSubjectByItself) {
  const FirstSeen first = judge({waiting({"openssl"}, kNow)}, {}, kNow).first_seen;
  const Evaluation second =
      judge({waiting({"openssl", "vim"}, kNow + days(13))}, first, kNow + days(13));
  EXPECT_EQ(second.first_seen, (FirstSeen{{key("openssl"), kNow}, {key("vim"), kNow + days(13)}}));
  const Evaluation third =
      judge({waiting({"openssl", "vim"}, kNow + days(14))}, second.first_seen, kNow + days(14));
  EXPECT_EQ(third.verdicts[0].status(), v1::STATUS_FAIL);
  EXPECT_EQ(third.verdicts[0].subjects(0).subject(), "openssl");
  EXPECT_EQ(third.verdicts[0].subjects(1).status(), v1::STATUS_DUE);
}

TEST(Evaluate, ForgetsWhatIsMetAndBeginsAnew) {
  const FirstSeen memory{{key("openssl"), kNow - days(30)}};
  EXPECT_TRUE(judge({waiting({}, kNow)}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, KeepsTheMemoryWhileNobodyCanLook) {
  const FirstSeen memory{{key("openssl"), kNow - days(30)}};
  const std::vector<SectionState> stale{waiting({"openssl"}, kNow - days(2))};
  const Evaluation unknown = judge(stale, memory, kNow);
  EXPECT_EQ(unknown.verdicts[0].status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(unknown.first_seen, memory);
  EXPECT_EQ(judge({}, memory, kNow).first_seen, memory);
  EXPECT_EQ(judge({waiting({"openssl"}, kNow)}, unknown.first_seen, kNow).verdicts[0].status(),
            v1::STATUS_FAIL);
  // Nor did anybody look where no package manager is one that is known.
  const SectionState no_apt = not_applicable("packages-apt", "no dpkg");
  EXPECT_EQ(judge({no_apt}, memory, kNow).first_seen, memory);
  SectionState rpm = waiting({}, kNow);
  rpm.probe = "packages-rpm";
  EXPECT_TRUE(judge({no_apt, rpm}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, KeepsTheMemoryOfWhatIsBelowAnUnreadableFileOrDirectory) {
  Control control;
  control.id = "valid";
  control.rule = "certificate_not_expired";
  const auto valid = [](std::string subject) {
    return SubjectKey{"", "valid", std::move(subject)};
  };
  FirstSeen memory;
  for (const std::string subject :
       {"/etc/a.pem", "/etc/a.pem#2", "/etc/a.pemx", "/etc/d/b.pem#2", "/etc/gone.pem"}) {
    memory[valid(subject)] = kNow - days(3);
  }
  v1::CertificateFacts facts;
  add_file(facts, "/etc/a.pem").set_error("Permission denied");
  facts.add_unreadable_directories()->set_path("/etc/d");
  const std::vector<SectionState> sections{observed("certificates", facts)};
  const Evaluation evaluation =
      evaluate({.sections = sections, .last_sync = std::nullopt}, memory, {{control}}, kNow);
  EXPECT_EQ(evaluation.first_seen, (FirstSeen{{valid("/etc/a.pem"), kNow - days(3)},
                                              {valid("/etc/a.pem#2"), kNow - days(3)},
                                              {valid("/etc/d/b.pem#2"), kNow - days(3)}}));
  EXPECT_EQ(from_proto(evaluation.verdicts[0].subjects(0).first_failed_at()), kNow - days(3));
}

TEST(Evaluate, TouchesNoMemoryOfOtherControlsAndDropsThatOfRemovedOnes) {
  const FirstSeen memory{{{"", "removed", "x"}, kNow}, {{"", "security-updatesz", "x"}, kNow}};
  EXPECT_TRUE(judge({}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, TakesNoFirstFailureFromTheFuture) {
  const FirstSeen memory{{key("openssl"), kNow + days(100)}};
  const Evaluation evaluation = judge({waiting({"openssl"}, kNow)}, memory, kNow);
  EXPECT_EQ(evaluation.first_seen, (FirstSeen{{key("openssl"), kNow}}));
}

TEST(Evaluate, JudgesASubjectThatComesTwiceOnceByTheWorse) {
  v1::PackageFacts apt = apt_facts();
  add_update(apt, "openssl", v1::SECURITY_UNSPECIFIED);
  v1::PackageFacts rpm = apt_facts();
  add_update(rpm, "openssl", v1::SECURITY_YES);
  const std::vector<SectionState> sections{observed("packages-apt", apt),
                                           observed("packages-rpm", rpm)};
  const Evaluation evaluation = judge(sections, {}, kNow);
  ASSERT_EQ(evaluation.verdicts[0].subjects_size(), 1);
  EXPECT_EQ(evaluation.verdicts[0].status(), v1::STATUS_DUE);
}

TEST(Evaluate, JoinsTheReasonsOfTwoThatCouldNotLookUpToALimit) {
  const std::string why(700, 'x');
  std::vector<SectionState> sections{failed(without_facts("packages-apt"), "killed"),
                                     failed(without_facts("packages-rpm"), "crashed")};
  EXPECT_EQ(judge(sections, {}, kNow).verdicts[0].summary(),
            "the probe packages-apt could not look: killed; the probe packages-rpm could not look: "
            "crashed");
  for (SectionState& section : sections)
    section.reason = why;
  EXPECT_EQ(judge(sections, {}, kNow).verdicts[0].summary().size(), 1024U);
}

TEST(Evaluate, ShowsAThousandSubjectsAndRemembersAll) {
  std::vector<std::string> packages;
  for (int i = 0; i < 1005; ++i)
    packages.push_back("p" + std::to_string(i));
  const Evaluation evaluation = judge({waiting(packages, kNow)}, {}, kNow);
  EXPECT_EQ(evaluation.verdicts[0].subjects_size(), 1000);
  EXPECT_EQ(evaluation.verdicts[0].subject_count(), 1005U);
  EXPECT_EQ(evaluation.first_seen.size(), 1005U);
}

TEST(Evaluate, JudgesASilentHostNoMoreForTheSakeOfItsSentence) {
  const HostView view{.last_sync = kNow - hours(30)};
  const Evaluation evaluation =
      evaluate(view, {}, {{{.id = "c", .title = "T", .rule = "host_reporting"}}}, kNow);
  EXPECT_EQ(evaluation.verdicts[0].summary(), "it has not reported for 1 day");
  EXPECT_EQ(evaluation.valid_until, TimePoint::max());
  EXPECT_EQ(from_proto(evaluation.verdicts[0].valid_until()), kNow + hours(18));
}

}  // namespace
}  // namespace muster::policy
