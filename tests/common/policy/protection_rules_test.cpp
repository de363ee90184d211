// The rules about products of both kinds, and those about intrusion detection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/protection.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ProtectionRules, DoNotApplyWhereNothingIsInstalledAndAreUnknownWhereSomethingMayBe) {
  for (const char* const rule : {"signatures_fresh", "signatures_loaded", "full_scan_recent",
                                 "threats_resolved", "exclusions_allowed"}) {
    EXPECT_THAT(judged(control_of(rule), antivirus({})),
                ElementsAre(" | not_applicable | no antivirus is installed"));
    EXPECT_THAT(judged(control_of(rule), antivirus({}, "/opt is broken")),
                ElementsAre(" | unknown | antivirus may be missing: /opt is broken"));
  }
  for (const char* const rule : {"baseline_recent", "changes_acknowledged", "events_not_lost"}) {
    EXPECT_THAT(judged(control_of(rule), intrusion({})),
                ElementsAre(" | not_applicable | no intrusion detection is installed"));
  }
  EXPECT_THAT(judged(control_of("baseline_recent"), intrusion({aide()}, "/opt is broken")),
              ElementsAre(" | unknown | intrusion detection may be missing: /opt is broken",
                          "aide | pass | AIDE: the baseline was made on 2026-08-13"));
}

// A log that could be read beside one that could not: what the first says is not all.
TEST(ProtectionRules, TakeNothingForReadThatIsNamedAsUnread) {
  v1::ProtectionProduct scanner = clamav();
  scanner.set_threats_unresolved(0);
  for (const char* const fact : {"threats_unresolved", "full_scan", "loaded_signatures", "mode"})
    unread(scanner, fact, "b.log is root's");
  for (const char* const rule :
       {"threats_resolved", "full_scan_recent", "signatures_fresh", "antivirus_protects"}) {
    EXPECT_THAT(judged(control_of(rule), antivirus({scanner}))[0],
                ::testing::ContainsRegex("[|] unknown [|].* b.log is root's"))
        << rule;
  }
  v1::ProtectionProduct watcher = aide();
  watcher.set_events_lost(0);
  for (const char* const fact : {"last_check", "baseline_at", "events_lost", "no_such_fact"})
    unread(watcher, fact, "it is root's");
  for (const char* const rule : {"changes_acknowledged", "baseline_recent", "events_not_lost",
                                 "intrusion_detection_checks"}) {
    EXPECT_THAT(judged(control_of(rule), intrusion({watcher}))[0],
                ::testing::ContainsRegex("[|] unknown [|].* it is root's"))
        << rule;
  }
}

// What is left out that is known of is told, although there may be more.
TEST(ProtectionRules, KeepWhatWasReadOfAList) {
  v1::ProtectionProduct product = clamav();
  v1::Exclusion& exclusion = *product.add_exclusions();
  exclusion.set_kind("path");
  exclusion.set_value("/srv");
  unread(product, "exclusions", "clamd.conf is root's");
  EXPECT_EQ(judge(control_of("exclusions_allowed"), {antivirus({product})}).status(),
            v1::STATUS_FAIL);
}

TEST(ProtectionRules, OfBothKindsSayWhichKindCouldNotBeSeen) {
  const Control control = control_of("protection_licensed");
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({})})),
              ElementsAre(" | not_applicable | no antivirus and no intrusion detection is "
                          "installed"));
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({aide()})})),
              ElementsAre("aide | not_applicable | AIDE: on the host it tells of no licence"));
  EXPECT_THAT(lines(judge(control, {antivirus({clamav()})})),
              ElementsAre(" | unknown | the probe intrusion-detection has not reported yet",
                          "clamav | not_applicable | ClamAV: on the host it tells of no licence"));
}

TEST(ProtectionRules, ShowForeignTextBoundedAndHarmless) {
  v1::ProtectionProduct product = clamav();
  product.set_product("evil\n" + std::string(5'000, 'p'));
  product.set_name(std::string(5'000, 'n') + "\x1b[2J");
  product.clear_loaded_signatures();
  for (const char* const fact : {"loaded_signatures", "mode", "licensed"})
    unread(product, fact, "\x1b]0;" + std::string(5'000, 'r'));
  product.clear_mode();
  for (const char* const rule :
       {"antivirus_present", "antivirus_protects", "signatures_fresh", "protection_licensed"}) {
    const v1::Verdict verdict = judge(control_of(rule), {antivirus({product}), intrusion({})});
    EXPECT_LE(verdict.subjects(0).subject().size(), 64U);
    EXPECT_LE(verdict.summary().size(), 600U) << rule;
    for (const v1::SubjectVerdict& subject : verdict.subjects())
      EXPECT_EQ((subject.subject() + subject.reason()).find_first_of("\x1b\n"), std::string::npos);
  }
}

TEST(ManagementConnected, IsDueUntilItWasSilentForTooLong) {
  struct Story {
    v1::Answer connected;
    std::optional<Duration> silent_for;
    std::string line;
  };
  for (const Story& story : std::vector<Story>{
           {v1::ANSWER_YES, std::nullopt,
            "pass | Defender: it is connected to its management server m.example.org:1514"},
           {v1::ANSWER_YES, hours(1),
            "pass | Defender: it last heard of its management server m.example.org:1514 on "
            "2026-11-21"},
           {v1::ANSWER_UNSPECIFIED, hours(1),
            "pass | Defender: it last heard of its management server m.example.org:1514 on "
            "2026-11-21"},
           // It says that it is connected, and has heard nothing.
           {v1::ANSWER_YES, hours(24),
            "fail | Defender: it last heard of its management server m.example.org:1514 1 day ago"},
           {v1::ANSWER_NO, hours(23),
            "due | Defender: it is not connected to its management server m.example.org:1514, of "
            "which it last heard 23 hours ago"},
           {v1::ANSWER_NO, hours(24),
            "fail | Defender: it is not connected to its management server m.example.org:1514, of "
            "which it last heard 1 day ago"},
           {v1::ANSWER_NO, std::nullopt,
            "due | Defender: it is not connected to its management server m.example.org:1514"},
           {v1::ANSWER_UNSPECIFIED, std::nullopt,
            "not_applicable | Defender: on the host it tells nothing of a server that manages it"},
           {v1::ANSWER_NO, -days(30),
            "unknown | Defender: it last heard of its management server m.example.org:1514 on "
            "2026-12-21, which has not come yet: see whether a clock is wrong"}}) {
    v1::ProtectionProduct product = defender();
    product.set_management_connected(story.connected);
    product.set_management_server("m.example.org:1514");
    if (story.silent_for) {
      *product.mutable_management_last_contact_at() = to_proto(kNow - *story.silent_for);
    }
    Control control = control_of("management_connected");
    control.deadlines = Deadlines::all(hours(12));
    EXPECT_THAT(lines(judge(control, {antivirus({product}), intrusion({})})),
                ElementsAre("microsoft-defender | " + story.line));
  }
}

TEST(ManagementConnected, SaysWhatCouldNotBeRead) {
  const Control control = control_of("management_connected");
  v1::ProtectionProduct product = aide();
  unread(product, "management_connected", "its state file is root's");
  v1::ProtectionProduct heard = product;
  *heard.mutable_management_last_contact_at() = to_proto(kNow - hours(2));
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({heard})})),
              ElementsAre("aide | pass | AIDE: it last heard of its management server on "
                          "2026-11-21"));
  *heard.mutable_management_last_contact_at() = to_proto(kNow - days(2));
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({heard})})),
              ElementsAre("aide | unknown | AIDE: it last heard of its management server 2 days "
                          "ago, and whether it is connected could not be read: its state file is "
                          "root's"));
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({product})})),
              ElementsAre("aide | unknown | AIDE: whether its management server is reached could "
                          "not be read: its state file is root's"));
  product.clear_unread();
  product.set_management_connected(v1::ANSWER_YES);
  unread(product, "management_last_contact_at", "it has no zone");
  EXPECT_THAT(lines(judge(control, {antivirus({}), intrusion({product})})),
              ElementsAre("aide | unknown | AIDE: when it last heard of its server could not be "
                          "read: it has no zone"));
}

TEST(ProtectionLicensed, IsDueBeforeTheEndAndFailsThere) {
  struct Story {
    v1::Answer licensed;
    std::optional<Duration> left;
    std::string line;
  };
  for (const Story& story : std::vector<Story>{
           {v1::ANSWER_YES, days(30) + kMicrosecond,
            "pass | Defender: its licence lasts until 2026-12-21"},
           {v1::ANSWER_YES, days(30), "due | Defender: its licence ends on 2026-12-21: renew it"},
           {v1::ANSWER_YES, Duration(0),
            "fail | Defender: its licence ended on 2026-11-21: renew it"},
           {v1::ANSWER_NO, -days(1), "fail | Defender: its licence ended on 2026-11-20: renew it"},
           {v1::ANSWER_NO, days(300),
            "fail | Defender: it has no licence that is in force: give it one"},
           {v1::ANSWER_NO, std::nullopt,
            "fail | Defender: it has no licence that is in force: give it one"},
           {v1::ANSWER_YES, std::nullopt, "pass | Defender: it is licensed, without an end"},
           {v1::ANSWER_UNSPECIFIED, std::nullopt,
            "not_applicable | Defender: on the host it tells of no licence"}}) {
    v1::ProtectionProduct product = defender();
    product.set_licensed(story.licensed);
    if (story.left) *product.mutable_licence_ends_at() = to_proto(kNow + *story.left);
    const v1::Verdict verdict =
        judge(control_of("protection_licensed"), {antivirus({product}), intrusion({})});
    EXPECT_THAT(lines(verdict), ElementsAre("microsoft-defender | " + story.line));
    if (verdict.status() == v1::STATUS_DUE) {
      EXPECT_EQ(from_proto(verdict.deadline()), kNow + *story.left);
    }
  }
  v1::ProtectionProduct product = defender();
  product.set_licensed(v1::ANSWER_YES);
  unread(product, "licence_ends_at", "\"never?\" is no time");
  EXPECT_THAT(
      lines(judge(control_of("protection_licensed"), {antivirus({product}), intrusion({})})),
      ElementsAre("microsoft-defender | unknown | Defender: its licence could not be "
                  "read: \"never?\" is no time"));
}

TEST(IntrusionDetectionPresent, TellsNoneFromOne) {
  const Control control = control_of("intrusion_detection_present");
  EXPECT_THAT(judged(control, intrusion({aide()})), ElementsAre(" | pass | AIDE is installed"));
  EXPECT_THAT(judged(control, intrusion({})),
              ElementsAre(" | fail | no intrusion detection is installed: none of the products "
                          "that Muster looks for"));
}

TEST(IntrusionDetectionChecks, WantsAProductAtWorkWhoseLastCheckCameToItsEnd) {
  const Control control = control_of("intrusion_detection_checks");
  const std::string works = " | pass | AIDE watches the host";
  const std::string nothing = " | fail | nothing watches the host: AIDE ";
  const std::string perhaps =
      " | unknown | whether anything watches the host cannot be told: AIDE ";
  struct Story {
    v1::CheckResult result;
    std::optional<Duration> age;
    std::string line;
  };
  for (const Story& story : std::vector<Story>{
           {v1::CHECK_RESULT_CLEAN, days(2) - kMicrosecond, works},
           {v1::CHECK_RESULT_FOUND, hours(1), works},
           {v1::CHECK_RESULT_ENDED, hours(1), works},
           {v1::CHECK_RESULT_RUNNING, hours(1), works},
           {v1::CHECK_RESULT_RUNNING, days(5), nothing + "last checked 5 days ago"},
           {v1::CHECK_RESULT_CLEAN, days(2), nothing + "last checked 2 days ago"},
           {v1::CHECK_RESULT_FAILED, hours(1),
            nothing + "does not check: its last check failed: exit 17"},
           {v1::CHECK_RESULT_NEVER, std::nullopt, nothing + "never checked anything"},
           {v1::CHECK_RESULT_CLEAN, std::nullopt, perhaps + "does not tell when it last checked"},
           {v1::CHECK_RESULT_CLEAN, -days(30),
            perhaps + "last checked on 2026-12-21, which has not come yet"},
           {v1::CHECK_RESULT_UNSPECIFIED, hours(1),
            perhaps + "does not tell how its last check ended"}}) {
    v1::ProtectionProduct product = aide();
    v1::LastCheck& check = *product.mutable_last_check();
    check.set_result(story.result);
    check.set_detail("exit 17");
    check.clear_ended_at();
    if (story.age) *check.mutable_started_at() = to_proto(kNow - *story.age);
    EXPECT_THAT(judged(control, intrusion({product})), ElementsAre(story.line));
  }
  // It keeps none.
  v1::ProtectionProduct product = aide();
  product.clear_last_check();
  EXPECT_THAT(judged(control, intrusion({product})), ElementsAre(works));
  unread(product, "last_check", "its report is root's");
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre(perhaps + "may not have checked: its report is root's"));
  product.set_checks_scheduled(v1::ANSWER_NO);
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre(nothing + "looks when it is told to, and nothing runs its checks"));
  EXPECT_THAT(judged(control, intrusion({product, auditd()})),
              ElementsAre(" | pass | auditd watches the host"));
}

// Of two that watch, the host is watched while one does.
TEST(IntrusionDetectionChecks, HoldsAsLongAsTheProductThatHoldsLongest) {
  v1::ProtectionProduct samhain = aide();
  samhain.set_name("Samhain");
  *samhain.mutable_last_check()->mutable_ended_at() = to_proto(kNow - hours(1));
  Control control = control_of("intrusion_detection_checks");
  control.max_age = days(30);
  const std::vector<SectionState> sections{intrusion({aide(), samhain})};
  const Evaluation evaluation = evaluate({.sections = sections}, {}, {{control}}, kNow);
  EXPECT_EQ(evaluation.verdicts[0].summary(), "Samhain watches the host");
  EXPECT_EQ(evaluation.valid_until, kNow + days(2) - hours(1));
}

TEST(BaselineRecent, GoesByTheAgeOfWhatIsComparedWith) {
  const Control control = control_of("baseline_recent");
  v1::ProtectionProduct product = aide();
  *product.mutable_baseline_at() = to_proto(kNow - days(365));
  EXPECT_THAT(judged(control, intrusion({product, auditd()})),
              ElementsAre("aide | fail | AIDE: the baseline is 365 days old",
                          "auditd | not_applicable | auditd: it compares with no baseline"));
  product.clear_baseline_at();
  unread(product, "baseline_at", "/var/lib/aide/aide.db: Permission denied");
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("aide | unknown | AIDE: when its baseline was made could not be read: "
                          "/var/lib/aide/aide.db: Permission denied"));
}

TEST(ChangesAcknowledged, ByABaselineThatWasMadeAfterTheCheck) {
  const Control control = control_of("changes_acknowledged");
  v1::ProtectionProduct product = aide();
  v1::LastCheck& check = *product.mutable_last_check();
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("aide | pass | AIDE: its last check found no changes"));
  check.set_result(v1::CHECK_RESULT_FOUND);
  check.set_found(3);
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("aide | fail | AIDE: its last check on 2026-11-21 found 3 changes: look "
                          "at them, then make a new baseline"));
  check.clear_found();
  check.set_detail("1 added");
  EXPECT_THAT(judged(control, intrusion({product}))[0],
              HasSubstr("found changes (1 added): look at them"));
  *product.mutable_baseline_at() = to_proto(kNow - hours(5));
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("aide | pass | AIDE: the baseline of 2026-11-21 takes in what the last "
                          "check found"));
}

// aide --update writes the new database and then the end of its report; mv keeps that time.
TEST(ChangesAcknowledged, ByTheBaselineThatTheCheckItselfWrote) {
  const Control control = control_of("changes_acknowledged");
  v1::ProtectionProduct product = aide();
  v1::LastCheck& check = *product.mutable_last_check();
  check.set_result(v1::CHECK_RESULT_FOUND);
  *check.mutable_started_at() = to_proto(kNow - hours(3));
  *check.mutable_ended_at() = to_proto(kNow - hours(1));
  *product.mutable_baseline_at() = to_proto(kNow - hours(2));
  EXPECT_THAT(judged(control, intrusion({product}))[0], HasSubstr(" | pass | "));
  *product.mutable_baseline_at() = to_proto(kNow - hours(3));
  EXPECT_THAT(judged(control, intrusion({product}))[0], HasSubstr(" | fail | "));
}

TEST(ChangesAcknowledged, AreUnknownWhereNoCheckCanTell) {
  const Control control = control_of("changes_acknowledged");
  struct Story {
    v1::CheckResult result;
    std::string line;
  };
  for (const Story& story : std::vector<Story>{
           {v1::CHECK_RESULT_FAILED, "unknown | AIDE: its last check failed: exit 17"},
           {v1::CHECK_RESULT_RUNNING, "unknown | AIDE: its first check is under way"},
           {v1::CHECK_RESULT_ENDED,
            "unknown | AIDE: what its last check found is not to be read here: exit 17"},
           {v1::CHECK_RESULT_NEVER, "not_applicable | AIDE: it never checked anything yet"},
           {v1::CHECK_RESULT_UNSPECIFIED,
            "unknown | AIDE: what its last check found is not "
            "told"}}) {
    v1::ProtectionProduct product = aide();
    product.mutable_last_check()->set_result(story.result);
    product.mutable_last_check()->set_detail("exit 17");
    EXPECT_THAT(judged(control, intrusion({product})), ElementsAre("aide | " + story.line));
  }
  v1::ProtectionProduct managed = aide();
  managed.mutable_last_check()->set_result(v1::CHECK_RESULT_ENDED);
  EXPECT_THAT(judged(control, intrusion({managed})),
              ElementsAre("aide | not_applicable | AIDE: what its last check found is kept by its "
                          "management server"));
  *managed.mutable_baseline_at() = to_proto(kNow);
  EXPECT_THAT(judged(control, intrusion({managed}))[0], HasSubstr(" takes in what the last check"));
  v1::ProtectionProduct unasked = aide();
  unasked.clear_last_check();
  unread(unasked, "last_check", "its report is root's");
  EXPECT_THAT(judged(control, intrusion({unasked, auditd()})),
              ElementsAre("aide | unknown | AIDE: what its last check found could not be read: its "
                          "report is root's",
                          "auditd | not_applicable | auditd: it keeps no checks"));
}

TEST(EventsNotLost, SaysHowTheCountBeginsAnew) {
  Control control = control_of("events_not_lost");
  v1::ProtectionProduct product = auditd();
  EXPECT_THAT(judged(control, intrusion({product, aide()})),
              ElementsAre("auditd | pass | auditd: no event was lost",
                          "aide | not_applicable | AIDE: it counts no lost events"));
  product.set_events_lost(12);
  product.set_events_detail("backlog 8192 of 8192");
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("auditd | fail | auditd: 12 events were lost (backlog 8192 of 8192): "
                          "give it a longer queue (auditctl -b), then auditctl --reset-lost"));
  control.parameters = {{"at_most", int64_t{12}}};
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("auditd | pass | auditd: 12 events were lost (backlog 8192 of 8192); 12 "
                          "may be"));
  product.set_product("falco");
  product.set_events_lost(~uint64_t{0});
  EXPECT_THAT(judged(control, intrusion({product}))[0],
              HasSubstr("18446744073709551615 events were lost (backlog 8192 of 8192): its count "
                        "begins anew with its next start"));
  product.clear_events_lost();
  unread(product, "events_lost", "port 8765 refused");
  EXPECT_THAT(judged(control, intrusion({product})),
              ElementsAre("falco | unknown | auditd: how many events were lost could not be read: "
                          "port 8765 refused"));
}

}  // namespace
}  // namespace muster::policy
