// Whether a host is protected against malware: present, protecting, scanned, without threats and
// without more exclusions than allowed.
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

TEST(AntivirusPresent, TellsNoneFromOneThatMayBeMissing) {
  const Control control = control_of("antivirus_present");
  EXPECT_THAT(judged(control, antivirus({clamav(), defender()})),
              ElementsAre(" | pass | ClamAV 1.0.7 and Defender are installed"));
  EXPECT_THAT(judged(control, antivirus({})),
              ElementsAre(" | fail | no antivirus is installed: none of the products that Muster "
                          "looks for"));
  EXPECT_THAT(judged(control, antivirus({}, "/opt: Permission denied")),
              ElementsAre(" | unknown | whether any antivirus is installed cannot be told: /opt: "
                          "Permission denied"));
  EXPECT_THAT(judged(control, antivirus({clamav()}, "/opt: Permission denied")),
              ElementsAre(" | pass | ClamAV 1.0.7 is installed"));
  EXPECT_EQ(judge(control, {}).summary(), "the probe antivirus has not reported yet");
  EXPECT_EQ(judge(control, {failed(without_facts("antivirus"), "killed")}).status(),
            v1::STATUS_UNKNOWN);
}

v1::ProtectionProduct clamav_in(v1::ProtectionMode mode, v1::Answer running = v1::ANSWER_YES,
                                v1::Answer real_time = v1::ANSWER_UNSPECIFIED) {
  v1::ProtectionProduct product = clamav();
  product.set_mode(mode);
  product.set_running(running);
  product.set_real_time(real_time);
  return product;
}

TEST(AntivirusProtects, IsWhatAProductDoesAndNotWhatItSaysOfItsHealth) {
  struct Story {
    v1::ProtectionProduct product;
    std::string line;
  };
  v1::ProtectionProduct passive = clamav_in(v1::PROTECTION_MODE_PASSIVE);
  passive.set_mode_words("passive mode");
  v1::ProtectionProduct reduced = clamav_in(v1::PROTECTION_MODE_REDUCED);
  reduced.set_mode_words("RFM\x1b[2J");
  v1::ProtectionProduct scanner = clamav_in(v1::PROTECTION_MODE_ON_DEMAND, v1::ANSWER_UNSPECIFIED);
  v1::ProtectionProduct scheduled = scanner;
  scheduled.set_checks_scheduled(v1::ANSWER_YES);
  // It would be started, and what it did is what counts.
  v1::ProtectionProduct failed = scheduled;
  failed.mutable_full_scan()->set_result(v1::CHECK_RESULT_FAILED);
  failed.mutable_full_scan()->set_detail("no space");
  v1::ProtectionProduct never = scheduled;
  never.mutable_full_scan()->set_result(v1::CHECK_RESULT_NEVER);
  v1::ProtectionProduct old = scheduled;
  *old.mutable_full_scan()->mutable_ended_at() = to_proto(kNow - days(30));
  v1::ProtectionProduct first = scheduled;
  first.mutable_full_scan()->set_result(v1::CHECK_RESULT_RUNNING);
  v1::ProtectionProduct untold = scheduled;
  untold.clear_full_scan();
  v1::ProtectionProduct unseen = scheduled;
  unread(unseen, "full_scan", "its log is root's");
  v1::ProtectionProduct never_run = scanner;
  never_run.set_mode_words("nothing scans on access");
  never_run.set_checks_scheduled(v1::ANSWER_NO);
  v1::ProtectionProduct perhaps_run = scanner;
  unread(perhaps_run, "checks_scheduled", "/etc/cron.d: Permission denied");
  v1::ProtectionProduct silent = clamav_in(v1::PROTECTION_MODE_UNSPECIFIED, v1::ANSWER_UNSPECIFIED);
  unread(silent, "mode", "the socket did not answer within 5 s");
  v1::ProtectionProduct perhaps_running = clamav_in(v1::PROTECTION_MODE_ACTIVE);
  unread(perhaps_running, "running");
  v1::ProtectionProduct perhaps_real_time = clamav_in(v1::PROTECTION_MODE_ACTIVE);
  unread(perhaps_real_time, "real_time");
  const std::string nothing = " | fail | nothing protects the host: ClamAV ";
  const std::string perhaps = " | unknown | whether anything protects the host cannot be told: ";
  const std::vector<Story> stories = {
      {clamav(), " | pass | ClamAV protects the host"},
      // It has no such thing as real-time protection, and is in force all the same.
      {clamav_in(v1::PROTECTION_MODE_ACTIVE), " | pass | ClamAV protects the host"},
      {clamav_in(v1::PROTECTION_MODE_ACTIVE, v1::ANSWER_NO), nothing + "does not run"},
      {clamav_in(v1::PROTECTION_MODE_ACTIVE, v1::ANSWER_YES, v1::ANSWER_NO),
       nothing + "has its real-time protection switched off"},
      {passive, nothing + "is passive"},
      {reduced, nothing + "is in a reduced mode (\"RFM\\x1b[2J\")"},
      {clamav_in(v1::PROTECTION_MODE_OFF, v1::ANSWER_NO), nothing + "is off"},
      {clamav_in(v1::PROTECTION_MODE_UNSPECIFIED, v1::ANSWER_NO), nothing + "does not run"},
      {scheduled, " | pass | ClamAV protects the host"},
      {failed, nothing + "does not scan everything: its last full scan failed: no space"},
      {never, nothing + "never scanned everything"},
      {old, nothing + "last scanned everything 30 days ago"},
      {first, perhaps + "ClamAV scans everything now, and no full scan before it is known"},
      {untold, perhaps + "ClamAV does not tell when it last scanned everything"},
      {unseen, perhaps + "ClamAV may not have scanned everything: its log is root's"},
      {never_run,
       nothing + "looks when it is told to (nothing scans on access), and nothing runs full scans"},
      {scanner, perhaps + "ClamAV looks when it is told to, and whether anything runs full scans "
                          "is not told"},
      {perhaps_run, perhaps + "ClamAV looks when it is told to, and whether anything runs full "
                              "scans could not be read: /etc/cron.d: Permission denied"},
      {silent, perhaps + "ClamAV could not be asked: the socket did not answer within 5 s"},
      {clamav_in(v1::PROTECTION_MODE_UNSPECIFIED), perhaps + "ClamAV does not tell"},
      {clamav_in(static_cast<v1::ProtectionMode>(99)), perhaps + "ClamAV does not tell"},
      {perhaps_running, perhaps + "ClamAV may not run: nobody was asked"},
      {perhaps_real_time, perhaps + "ClamAV may have its real-time protection off: nobody was "
                                    "asked"},
  };
  for (const Story& story : stories) {
    EXPECT_THAT(judged(control_of("antivirus_protects"), antivirus({story.product})),
                ElementsAre(story.line));
  }
}

TEST(AntivirusProtects, IsOneAnswerOverAllProducts) {
  const Control control = control_of("antivirus_protects");
  const auto passive = clamav_in(v1::PROTECTION_MODE_PASSIVE);
  const auto silent = clamav_in(v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(judged(control, antivirus({passive, silent, defender()}, "/opt is broken")),
              ElementsAre(" | pass | Defender protects the host"));
  v1::ProtectionProduct off = defender();
  off.set_mode(v1::PROTECTION_MODE_OFF);
  EXPECT_THAT(judged(control, antivirus({passive, off})),
              ElementsAre(" | fail | nothing protects the host: ClamAV is passive; Defender is "
                          "off"));
  EXPECT_THAT(judged(control, antivirus({silent, off})),
              ElementsAre(" | unknown | whether anything protects the host cannot be told: ClamAV "
                          "does not tell; Defender is off"));
  EXPECT_THAT(judged(control, antivirus({off}, "/opt is broken")),
              ElementsAre(" | unknown | whether anything protects the host cannot be told: "
                          "Defender is off; another may be missing: /opt is broken"));
  EXPECT_THAT(judged(control, antivirus({}, "/opt is broken")),
              ElementsAre(" | unknown | whether anything protects the host cannot be told: "
                          "another may be missing: /opt is broken"));
  EXPECT_THAT(judged(control, antivirus({})),
              ElementsAre(" | not_applicable | no antivirus is installed"));
}

TEST(FullScanRecent, WantsAScanThatCameToItsEnd) {
  struct Story {
    v1::CheckResult result;
    Duration age;
    std::string line;
  };
  for (const Story& story : std::vector<Story>{
           {v1::CHECK_RESULT_CLEAN, days(30) - kMicrosecond,
            "pass | ClamAV: the last full scan was on 2026-10-22 (5 errors)"},
           {v1::CHECK_RESULT_CLEAN, days(30),
            "fail | ClamAV: the last full scan was 30 days ago (5 errors)"},
           // What it found is for another rule.
           {v1::CHECK_RESULT_FOUND, days(1),
            "pass | ClamAV: the last full scan was on 2026-11-20 (5 errors)"},
           {v1::CHECK_RESULT_FAILED, days(1), "fail | ClamAV: the last full scan failed: 5 errors"},
           {v1::CHECK_RESULT_NEVER, days(0), "fail | ClamAV: there never was a full scan"},
           {v1::CHECK_RESULT_RUNNING, days(0),
            "fail | ClamAV: a full scan is under way, and none before it is known"},
           {v1::CHECK_RESULT_ENDED, days(1), "pass | ClamAV: the last full scan was on 2026-11-20"},
           {v1::CHECK_RESULT_UNSPECIFIED, days(1),
            "unknown | ClamAV: the last full scan was on 2026-11-20, and how it ended is not "
            "told"},
           {v1::CHECK_RESULT_UNSPECIFIED, days(31),
            "fail | ClamAV: the last full scan was 31 days ago"},
           {v1::CHECK_RESULT_CLEAN, -days(40),
            "unknown | ClamAV: the last full scan was on 2026-12-31, which has not come yet: see "
            "whether a clock is wrong"}}) {
    v1::ProtectionProduct product = clamav();
    product.mutable_full_scan()->set_result(story.result);
    *product.mutable_full_scan()->mutable_ended_at() = to_proto(kNow - story.age);
    product.mutable_full_scan()->set_detail("5 errors");
    EXPECT_THAT(judged(control_of("full_scan_recent"), antivirus({product})),
                ElementsAre("clamav | " + story.line));
  }
}

TEST(FullScanRecent, TellsAProductWithoutScansFromOneThatCouldNotBeAsked) {
  v1::ProtectionProduct unasked = clamav();
  unasked.clear_full_scan();
  unread(unasked, "full_scan", "clamscan's log is root's");
  v1::ProtectionProduct untold = clamav();
  untold.set_product("other");
  untold.mutable_full_scan()->clear_ended_at();
  EXPECT_THAT(
      judged(control_of("full_scan_recent"), antivirus({defender(), unasked, untold})),
      ElementsAre(
          "clamav | unknown | ClamAV: its last full scan could not be read: "
          "clamscan's log is root's",
          "other | unknown | ClamAV: it does not tell when the last full scan was",
          "microsoft-defender | not_applicable | Defender: on the host it tells nothing of full "
          "scans: see its console"));
}

TEST(FullScanRecent, IsJudgedAgainWhenItHolds) {
  const std::vector<SectionState> sections{antivirus({clamav()})};
  Control control = control_of("full_scan_recent");
  control.max_age = days(90);
  const Evaluation evaluation = evaluate({.sections = sections}, {}, {{control}}, kNow);
  EXPECT_EQ(evaluation.valid_until, kNow + days(28));
}

std::string threats_line(const v1::ProtectionProduct& product) {
  return judged(control_of("threats_resolved"), antivirus({product})).at(0);
}

TEST(ThreatsResolved, GoesByTheProductsOwnCount) {
  v1::ProtectionProduct product = clamav();
  product.mutable_full_scan()->set_result(v1::CHECK_RESULT_FOUND);
  product.set_threats_unresolved(0);
  EXPECT_EQ(threats_line(product), "clamav | pass | ClamAV: no threat waits for anybody");
  product.set_threats_unresolved(1);
  EXPECT_EQ(threats_line(product),
            "clamav | fail | ClamAV: 1 threat waits for somebody to deal with it");
  product.clear_threats_unresolved();
  unread(product, "threats_unresolved", "mdatp hung");
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: the threats that wait could not be read: mdatp hung");
}

TEST(ThreatsResolved, GoesByTheLastScansWhereNothingCounts) {
  v1::ProtectionProduct product = clamav();
  EXPECT_EQ(threats_line(product), "clamav | pass | ClamAV: its last scans found nothing");
  v1::LastCheck& full = *product.mutable_full_scan();
  v1::LastCheck& quick = *product.mutable_quick_scan();
  quick.set_result(v1::CHECK_RESULT_FOUND);
  quick.set_found(2);
  *quick.mutable_ended_at() = to_proto(kNow - days(3));
  EXPECT_EQ(threats_line(product), "clamav | pass | ClamAV: its last scans found nothing");
  *quick.mutable_ended_at() = to_proto(kNow - days(1));
  EXPECT_EQ(threats_line(product),
            "clamav | fail | ClamAV: the last quick scan found 2 threats, and it does not tell "
            "whether that is over");
  // A quick scan that finds nothing has not looked where the full one found something.
  quick.set_result(v1::CHECK_RESULT_CLEAN);
  full.set_result(v1::CHECK_RESULT_FOUND);
  full.set_detail("Eicar-Test");
  EXPECT_EQ(threats_line(product),
            "clamav | fail | ClamAV: the last full scan found threats (Eicar-Test), and it does "
            "not tell whether that is over");
  full.set_result(v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: the last full scan failed: Eicar-Test");
  full.set_result(v1::CHECK_RESULT_ENDED);
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: what the last full scan found is not to be read here: "
            "Eicar-Test");
  full.set_result(v1::CHECK_RESULT_RUNNING);
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: what the last full scan found is not told yet");
  full.set_result(v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(threats_line(product),
            "clamav | not_applicable | ClamAV: on the host it tells of no full scan that could "
            "tell of threats");
  product.clear_full_scan();
  product.clear_quick_scan();
  EXPECT_EQ(threats_line(product),
            "clamav | not_applicable | ClamAV: on the host it tells nothing of threats: see its "
            "console");
  unread(product, "full_scan", "its log is root's");
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: what its last scan found could not be read: its log is "
            "root's");
}

TEST(ThreatsResolved, CannotBeToldWhereNothingWasEverScanned) {
  v1::ProtectionProduct product = clamav();
  product.mutable_full_scan()->Clear();
  product.mutable_full_scan()->set_result(v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(threats_line(product),
            "clamav | not_applicable | ClamAV: as far as it tells, nothing was ever scanned");
  unread(product, "quick_scan", "its log is root's");
  EXPECT_EQ(threats_line(product),
            "clamav | unknown | ClamAV: what its last scan found could not be read: its log is "
            "root's");
}

void exclude(v1::ProtectionProduct& product, std::string kind, std::string value) {
  v1::Exclusion& exclusion = *product.add_exclusions();
  exclusion.set_kind(std::move(kind));
  exclusion.set_value(std::move(value));
  product.set_exclusion_count(static_cast<uint32_t>(product.exclusions_size()));
}

Control exclusions_allowed(Globs allowed) {
  Control control = control_of("exclusions_allowed");
  control.parameters = {{"allowed", std::move(allowed)}};
  return control;
}

TEST(ExclusionsAllowed, AreThoseThatAGlobNamesWithItsProductOrWithout) {
  v1::ProtectionProduct product = clamav();
  exclude(product, "path", "/proc");
  exclude(product, "path", "/srv/db/../..");
  exclude(product, "extension", "log");
  exclude(product, "path", "/srv/db/a..b");
  const SectionState section = antivirus({product});
  EXPECT_THAT(
      judged(exclusions_allowed({"path /proc", "clamav: path /srv/*"}), section),
      ElementsAre("clamav: extension log | fail | ClamAV: extension log is excluded, and the "
                  "policy does not allow it",
                  "clamav: path /srv/db/../.. | fail | ClamAV: path /srv/db/../.. is excluded, and "
                  "the policy does not allow it",
                  "clamav: path /proc | pass | ClamAV: path /proc is allowed by \"path /proc\"",
                  "clamav: path /srv/db/a..b | pass | ClamAV: path /srv/db/a..b is allowed by "
                  "\"clamav: path /srv/*\""));
  const v1::Verdict verdict = judge(control_of("exclusions_allowed"), {section});
  EXPECT_EQ(verdict.summary(),
            "4 exclusions are not allowed: clamav: path /proc, clamav: path /srv/db/../.., clamav: "
            "extension log, clamav: path /srv/db/a..b");
}

TEST(ExclusionsAllowed, BeyondThoseThatAreNamedAreUnknown) {
  v1::ProtectionProduct product = clamav();
  exclude(product, "path", "/proc");
  product.set_exclusion_count(205);
  EXPECT_THAT(
      judged(exclusions_allowed({"*"}), antivirus({product})),
      ElementsAre("clamav | unknown | ClamAV: 204 more exclusions are not named: it has 205 "
                  "in all",
                  "clamav: path /proc | pass | ClamAV: path /proc is allowed by \"*\""));
}

TEST(ExclusionsAllowed, TellNoneFromAProductThatHasNone) {
  v1::ProtectionProduct unasked = product("eset", "ESET");
  unread(unasked, "exclusions", "its configuration is root's");
  EXPECT_THAT(judged(exclusions_allowed({"*"}), antivirus({clamav(), defender(), unasked})),
              ElementsAre("eset | unknown | ESET: its exclusions could not be read: its "
                          "configuration is root's",
                          "clamav | pass | ClamAV: it excludes nothing",
                          "microsoft-defender | not_applicable | Defender: on the host it tells "
                          "nothing of exclusions: see its console"));
}

// What nobody could read today does not give an exclusion its time again.
TEST(ExclusionsAllowed, AreRememberedWhileTheyCannotBeRead) {
  Control control = control_of("exclusions_allowed");
  control.deadlines = Deadlines::all(days(7));
  v1::ProtectionProduct product = clamav();
  product.clear_exclusion_count();
  unread(product, "exclusions");
  const std::vector<SectionState> sections{antivirus({product})};
  const FirstSeen before{{{"", "c", "clamav: path /srv"}, kNow - days(6)},
                         {{"", "c", "clamav2: path /srv"}, kNow - days(6)}};
  EXPECT_THAT(evaluate({.sections = sections}, before, {{control}}, kNow).first_seen,
              ElementsAre(*before.rbegin()));
}

}  // namespace
}  // namespace muster::policy
