// What explain, policy test and policy check print.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/admin/explain_text.h"
#include "collector/admin/paragraphs.h"
#include "collector/admin/policy_text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr TerminalStyle kStyle{.color = false, .unicode = true, .width = 80};

void expect_width(const std::string& text) {
  for (size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
    EXPECT_LE(display_width(text.substr(start, text.find('\n', start) - start)), 80U) << text;
}

v1::Explanation an_explanation() {
  v1::Explanation explanation;
  v1::HostSummary& host = *explanation.mutable_host();
  host.set_name("web1");
  *host.mutable_last_sync_at() = to_proto(kNow - std::chrono::seconds(30));
  host.mutable_owner()->set_team("web");
  host.mutable_owner()->set_contact("web@example.org");
  host.mutable_owner()->set_escalation("+49 30 1234567");
  host.add_maintenance("patch-sunday");
  v1::Verdict& verdict = *explanation.mutable_verdict();
  verdict.set_control("security-updates");
  verdict.set_title("Security updates are in");
  verdict.set_severity(v1::SEVERITY_HIGH);
  verdict.set_status(v1::STATUS_FAIL);
  verdict.set_summary("2 security updates wait: openssl, linux-image");
  *verdict.mutable_deadline() = to_proto(kNow - days(3));
  *verdict.mutable_valid_until() = to_proto(kNow + hours(2));
  verdict.set_policy_sha256(std::string(64, 'a'));
  verdict.set_subject_count(2);
  v1::SubjectVerdict& openssl = *verdict.add_subjects();
  openssl.set_subject("openssl");
  openssl.set_status(v1::STATUS_FAIL);
  openssl.set_reason("3.0.15 waits");
  *openssl.mutable_first_failed_at() = to_proto(kNow - days(17));
  *openssl.mutable_deadline() = to_proto(kNow - days(3));
  v1::SubjectVerdict& kernel = *verdict.add_subjects();
  kernel.set_subject("linux-image");
  kernel.set_status(v1::STATUS_WAIVED);
  kernel.set_reason("6.1 waits; waived until 2027-02-01 by ops: release");
  v1::ControlDescription& control = *explanation.mutable_control();
  control.set_rule("security_updates");
  control.set_asks("Every pending update that closes security holes is installed in time.");
  control.set_remedy("Install the updates.");
  control.set_applies_to("hosts with the label role=web");
  v1::PolicyParameter& deadline = *control.add_parameters();
  deadline.set_name("deadline");
  deadline.set_value("14d");
  v1::PolicyParameter& usual = *control.add_parameters();
  usual.set_name("last_fraction");
  usual.set_value("0.33");
  usual.set_is_usual(true);
  v1::Framework& framework = *control.add_frameworks();
  framework.set_name("cis-8");
  framework.add_ids("7.3");
  framework.add_ids("7.4");
  v1::WaiverDescription& waiver = *explanation.add_waivers();
  waiver.set_id("freeze");
  waiver.add_subjects("linux-*");
  waiver.set_reason("release");
  waiver.set_approved_by("ops");
  waiver.set_ticket("OPS-1");
  *waiver.mutable_starts() = to_proto(kNow - days(1));
  *waiver.mutable_ends() = to_proto(kNow + days(9));
  v1::FleetSection& section = *explanation.add_sections();
  section.set_probe("packages-apt");
  section.set_outcome(v1::OUTCOME_FAILED);
  section.set_reason("the lists are locked");
  *section.mutable_looked_at() = to_proto(kNow - std::chrono::minutes(5));
  *section.mutable_observed_at() = to_proto(kNow - hours(1));
  return explanation;
}

TEST(ExplanationText, CountsNoSubjectsWhereNoneApplies) {
  v1::Explanation explanation = an_explanation();
  v1::Verdict& verdict = *explanation.mutable_verdict();
  verdict.set_subject_count(0);
  for (v1::SubjectVerdict& subject : *verdict.mutable_subjects())
    subject.set_status(v1::STATUS_NOT_APPLICABLE);
  EXPECT_THAT(explanation_text(explanation, kNow, kStyle), HasSubstr("\nWhy\n"));
}

TEST(ExplanationText, TellsAllThereIsToKnowOfAVerdict) {
  const std::string text = explanation_text(an_explanation(), kNow, kStyle);
  EXPECT_EQ(text, R"(security-updates on web1
Security updates are in (severity high).

✗ fail
    2 security updates wait: openssl, linux-image
    The first deadline: 2027-01-12T08:00:00Z (3 days ago)

Why: 2 subjects
  ✗ fail  openssl
    3.0.15 waits
    unmet since 2026-12-29T08:00:00Z (17 days ago), deadline
    2027-01-12T08:00:00Z (3 days ago)
  w waived  linux-image
    6.1 waits; waived until 2027-02-01 by ops: release

The rule: security_updates
  Every pending update that closes security holes is installed in time.
  deadline       14d
  last_fraction  0.33 (as usual: the policy says nothing)
  It is required of hosts with the label role=web.

The facts it rests on
  packages-apt  seen 2027-01-15T07:00:00Z (1 hour ago); the last look failed
                2027-01-15T07:55:00Z (5 minutes ago): the lists are locked
  last report   2027-01-15T07:59:30Z (30 seconds ago)

What would make it pass
  Install the updates.

Waivers of it for this host
  freeze, of linux-*: until 2027-01-24T08:00:00Z (in 9 days)
    approved by ops (OPS-1): release

Whom to call
  web, web@example.org
  if nobody answers: +49 30 1234567
  The host is in maintenance now: patch-sunday.

What it meets
  cis-8  7.3, 7.4

This holds until 2027-01-15T10:00:00Z (in 2 hours), or until facts or policy
change.
By policy aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
)");
  expect_width(text);
}

TEST(ExplanationText, OfATargetTellsWhoLooksAtItInsteadOfReports) {
  v1::Explanation explanation = an_explanation();
  explanation.clear_host();
  explanation.mutable_control()->set_applies_to("targets of the kind tcp");
  v1::TargetSummary& target = *explanation.mutable_target();
  target.set_name("shop");
  target.set_looked_at_by("mon1");
  target.add_maintenance("move");
  const std::string text = explanation_text(explanation, kNow, kStyle);
  for (const char* said :
       {"security-updates on shop\n", "\n  looked at by  mon1\n", "Waivers of it for this target\n",
        "The policy names no owner of this target.", "The target is in maintenance now: move."}) {
    EXPECT_THAT(text, HasSubstr(said));
  }
  EXPECT_THAT(text, Not(HasSubstr("last report")));
  EXPECT_THAT(text, Not(HasSubstr("host")));
  target.clear_looked_at_by();
  target.set_note("no agent that may look at it reports");
  EXPECT_THAT(explanation_text(explanation, kNow, kStyle),
              HasSubstr("\n  looked at by  nobody\n  no agent that may look at it reports\n"));
}

TEST(ExplanationText, OfWhatPassesNeedsNoRemedyAndNamesNobodyWhereNobodyIsNamed) {
  v1::Explanation explanation = an_explanation();
  v1::Verdict& verdict = *explanation.mutable_verdict();
  verdict.set_status(v1::STATUS_PASS);
  verdict.clear_subjects();
  verdict.add_subjects()->set_status(v1::STATUS_PASS);
  explanation.mutable_host()->clear_owner();
  explanation.mutable_host()->clear_last_sync_at();
  const std::string text = explanation_text(explanation, kNow, kStyle);
  EXPECT_THAT(text, Not(HasSubstr("What would make it pass")));
  EXPECT_THAT(text, Not(HasSubstr("Why:")));
  EXPECT_THAT(text, HasSubstr("The policy names no owner of this host."));
  EXPECT_THAT(text, HasSubstr("last report   never\n"));
}

TEST(ExplanationText, CountsSubjectsBeyondTheTenthAndIsSafeToShow) {
  v1::Explanation explanation = an_explanation();
  v1::Verdict& verdict = *explanation.mutable_verdict();
  verdict.clear_subjects();
  verdict.set_summary("\x1b[2Jevil");
  for (int i = 0; i < 13; ++i) {
    v1::SubjectVerdict& subject = *verdict.add_subjects();
    subject.set_subject(fmt::format("package-with-a-name-{}-\x1b[2J", i));
    subject.set_status(v1::STATUS_DUE);
    subject.set_reason(std::string(200, 'x') + "\n" + std::string(200, 'y'));
  }
  const std::string text = explanation_text(explanation, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("and 3 more, none worse"));
  EXPECT_THAT(text, Not(HasSubstr("package-with-a-name-10")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  expect_width(text);
}

TEST(PreviewText, IsByControlWithSomeHostsOfEachChange) {
  v1::PolicyPreview preview;
  *preview.mutable_at() = to_proto(kNow);
  preview.set_hosts(12'000);
  v1::PolicyChange& failing = *preview.add_changes();
  failing.set_control("security-updates");
  failing.set_before(v1::STATUS_PASS);
  failing.set_after(v1::STATUS_FAIL);
  failing.set_host_count(12);
  for (const char* name : {"web1", "web2", "web3", "web4"})
    failing.add_hosts()->set_host(name);
  failing.mutable_hosts(0)->set_summary("1 security update waits: openssl");
  v1::PolicyChange& gone = *preview.add_changes();
  gone.set_control("host-reporting");
  gone.set_before(v1::STATUS_PASS);
  gone.set_after(v1::STATUS_NOT_APPLICABLE);
  gone.set_host_count(1);
  gone.add_hosts()->set_host("web1");
  v1::PolicyChange& passing = *preview.add_changes();
  passing.set_control("security-updates");
  passing.set_before(v1::STATUS_DUE);
  passing.set_after(v1::STATUS_PASS);
  passing.set_host_count(2);
  v1::EmptySelection& empty = *preview.add_selectors_without_hosts();
  empty.set_place("policy.d/10.yml:3:5");
  empty.set_of("the waiver freeze");
  EXPECT_EQ(preview_text(preview, kNow, kStyle),
            R"(On the fleet of 12000 hosts, 15 verdicts would change:

security-updates
  12 hosts pass -> fail: web1, web2, web3 (9 more)
    web1: 1 security update waits: openssl
  2 hosts due -> pass (2 more)

host-reporting
  1 host pass -> not_applicable: web1

Selectors that select no host of the fleet
  policy.d/10.yml:3:5: the waiver freeze
  A reload refuses them: correct them, or say `may_be_empty: true` where it is
  meant so.
)");
}

TEST(PreviewText, SaysWhereNothingChanges) {
  v1::PolicyPreview preview;
  preview.set_hosts(1);
  *preview.mutable_at() = to_proto(kNow + days(1));
  EXPECT_EQ(preview_text(preview, kNow, kStyle),
            "On the fleet of 1 host, no verdict would change at 2027-01-16T08:00:00Z.\n");
  EXPECT_EQ(empty_selectors_text(preview, kStyle), "");
}

TEST(DifferencesText, HasALineForEachThingAndEachDetail) {
  v1::PolicyTestReport report;
  v1::PolicyDifference& changed = *report.add_differences();
  changed.set_of("control security-updates");
  changed.set_kind(v1::PolicyDifference::KIND_CHANGED);
  changed.add_details("deadline: 14d -> 7d");
  v1::PolicyDifference& removed = *report.add_differences();
  removed.set_of("waiver freeze");
  removed.set_kind(v1::PolicyDifference::KIND_REMOVED);
  EXPECT_EQ(differences_text(report.differences(), kStyle),
            "~ control security-updates\n    deadline: 14d -> 7d\n- waiver freeze\n");
  EXPECT_EQ(differences_text({}, kStyle), "The policies say the same.\n");
}

}  // namespace
}  // namespace muster::collector
