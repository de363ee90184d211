#include "collector/admin/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/admin/channel.h"
#include "collector/admin/host_sentences.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr TerminalStyle kStyle{.color = false, .unicode = true, .width = 80};

TEST(HostTable, ShowsEachHostInALine) {
  v1::HostList list;
  v1::HostSummary& web = *list.add_hosts();
  web.set_name("web1");
  web.set_status(v1::STATUS_FAIL);
  web.set_reporting(true);
  *web.mutable_last_sync_at() = to_proto(kNow - std::chrono::seconds(40));
  web.set_os_pretty_name("Debian GNU/Linux 12");
  web.set_agent_version("0.1.0");
  v1::HostSummary& mail = *list.add_hosts();
  mail.set_name("mail.example.org");
  mail.set_status(v1::STATUS_UNKNOWN);
  *mail.mutable_last_sync_at() = to_proto(kNow - std::chrono::hours(72));
  v1::HostSummary& fresh = *list.add_hosts();
  fresh.set_name("new");
  fresh.set_status(v1::STATUS_UNKNOWN);
  EXPECT_EQ(host_table(list, kNow, kStyle),
            "HOST              STATUS     LAST REPORT          AGENT  SYSTEM\n"
            "web1              ✗ fail     40 seconds ago       0.1.0  Debian GNU/Linux 12\n"
            "mail.example.org  ? unknown  3 days ago (silent)  -      -\n"
            "new               ? unknown  never                -      -\n");
}

TEST(HostTable, ShowsOwnersWhereHostsHaveThemWithin80Columns) {
  v1::HostList list;
  for (const char* name : {"web1.example.org", "db1"}) {
    v1::HostSummary& host = *list.add_hosts();
    host.set_name(name);
    host.set_status(v1::STATUS_PASS);
    host.set_reporting(true);
    *host.mutable_last_sync_at() = to_proto(kNow - std::chrono::seconds(40));
    host.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
    host.set_agent_version("0.1.0");
  }
  list.mutable_hosts(0)->mutable_owner()->set_team("web-operations");
  EXPECT_EQ(host_table(list, kNow, kStyle),
            "HOST              STATUS  OWNER           LAST REPORT     AGENT  SYSTEM\n"
            "web1.example.org  ✓ pass  web-operations  40 seconds ago  0.1.0  Debian GNU/Lin…\n"
            "db1               ✓ pass  -               40 seconds ago  0.1.0  Debian GNU/Lin…\n");
}

TEST(HostText, SaysWhoAnswersForTheHostAndWhetherItIsWorkedOn) {
  v1::HostDetail detail;
  v1::HostSummary& host = *detail.mutable_summary();
  host.set_name("web1");
  EXPECT_THAT(host_text(detail, kNow, kStyle), HasSubstr("\n  owner        -\n"));
  EXPECT_THAT(host_text(detail, kNow, kStyle), Not(HasSubstr("maintenance")));
  host.mutable_owner()->set_team("web-operations");
  host.mutable_owner()->set_contact("web@example.org");
  host.mutable_owner()->set_escalation("+49 30 1\x1b[2J");
  host.add_maintenance("patch-sunday");
  host.add_maintenance("move");
  const std::string text = host_text(detail, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("\n  owner        web-operations\n"
                              "  contact      web@example.org\n"
                              "  escalation   +49 30 1"));
  EXPECT_THAT(text, HasSubstr("\n  maintenance  patch-sunday, move\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(HostTable, ShowsAHostThatIsRefusedAsThat) {
  v1::HostList list;
  v1::HostSummary& host = *list.add_hosts();
  host.set_name("web1");
  host.set_status(v1::STATUS_PASS);
  host.mutable_identity()->set_standing(v1::STANDING_QUARANTINED);
  EXPECT_THAT(host_table(list, kNow, kStyle), HasSubstr("web1  quarantined  never"));
}

TEST(HostText, SaysHowTheIdentityStandsAndWhyWithin80Columns) {
  v1::HostDetail detail;
  detail.mutable_summary()->set_name("web1");
  v1::HostIdentity& identity = *detail.mutable_summary()->mutable_identity();
  identity.set_standing(v1::STANDING_ACTIVE);
  EXPECT_THAT(host_text(detail, kNow, kStyle), HasSubstr("identity     active, certificate not"));
  identity.set_generation(3);
  *identity.mutable_certificate_not_after() = to_proto(kNow);
  EXPECT_THAT(host_text(detail, kNow, kStyle),
              HasSubstr("identity     active, certificate 3 until 2027-01-15T08:00:00Z\n"));
  identity.set_standing(v1::STANDING_REVOKED);
  identity.set_reason(
      "stolen from the van,\x1b[2J and then some more that was said of it at great "
      "length by whoever did it");
  *identity.mutable_since() = to_proto(kNow);
  const std::string text = host_text(detail, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("identity     revoked since 2027-01-15T08:00:00Z\n"));
  EXPECT_THAT(text, HasSubstr("stolen from the van"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  for (size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
    EXPECT_LE(display_width(text.substr(start, text.find('\n', start) - start)), 80U) << text;
}

TEST(HostSentences, FitATerminalAndNameTheHost) {
  v1::HostSummary host;
  host.set_name("a-host-with-a-rather-long-name.example.org");
  for (const auto& sentence : {revoked_text, released_text, renamed_text, removed_text}) {
    const std::string text = sentence(host, kNow, kStyle);
    EXPECT_THAT(text, HasSubstr(host.name()));
    host.set_name("web1");
    const std::string usual = sentence(host, kNow, kStyle);
    for (size_t start = 0; start < usual.size(); start = usual.find('\n', start) + 1)
      EXPECT_LE(usual.find('\n', start) - start, 80U) << usual;
    host.set_name("a-host-with-a-rather-long-name.example.org");
  }
}

TEST(MissingHostsText, ShowsWhoIsMissingAndWhatIsWrong) {
  v1::InventoryStatus status;
  EXPECT_THAT(missing_hosts_text(status, kNow, kStyle), HasSubstr("There is no inventory"));
  v1::InventorySource& source = *status.add_sources();
  source.set_name("/etc/inventory.csv");
  status.set_hosts(1);
  EXPECT_EQ(missing_hosts_text(status, kNow, kStyle),
            "No host is missing: the inventory lists 1 host.\n");
  source.set_error("/etc/inventory.csv:2:1: a\x1b fault");
  *source.mutable_last_success_at() = to_proto(kNow - std::chrono::hours(72));
  v1::ListedHost& host = *status.add_missing();
  host.set_name("db1");
  (*host.mutable_labels())["site"] = "fra";
  EXPECT_EQ(missing_hosts_text(status, kNow, kStyle),
            "/etc/inventory.csv cannot be loaded; what it said last holds (loaded: 3 days ago):\n"
            "  /etc/inventory.csv:2:1: a\\x1b fault\n"
            "NOT ENROLLED  LABELS\n"
            "db1           site=fra\n");
}

TEST(HostTable, SaysHowToAddTheFirst) {
  EXPECT_THAT(host_table({}, kNow, kStyle), HasSubstr("token create"));
}

TEST(HostTable, NoTextOfAHostMovesTheCursor) {
  v1::HostList list;
  list.add_hosts()->set_name("a");
  list.mutable_hosts(0)->set_os_pretty_name("\x1b[2Jevil\nline");
  const std::string text = host_table(list, kNow, kStyle);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(HostText, ShowsVerdictsWithTheirReasonsAndFailedProbes) {
  v1::HostDetail detail;
  detail.mutable_summary()->set_name("web1");
  v1::Verdict& verdict = *detail.add_verdicts();
  verdict.set_control("security-updates");
  verdict.set_title("Security updates are in");
  verdict.set_status(v1::STATUS_FAIL);
  verdict.set_summary("1 security update waits: openssl");
  v1::SubjectVerdict& subject = *verdict.add_subjects();
  subject.set_subject("openssl");
  subject.set_status(v1::STATUS_FAIL);
  subject.set_reason("waits for 20 days");
  v1::SubjectVerdict& passing = *verdict.add_subjects();
  passing.set_subject("zlib");
  passing.set_status(v1::STATUS_PASS);
  v1::FleetSection& section = *detail.add_sections();
  section.set_probe("certificates");
  section.set_outcome(v1::OUTCOME_FAILED);
  section.set_reason("it was killed");
  *section.mutable_looked_at() = to_proto(kNow - std::chrono::minutes(2));
  const std::string text = host_text(detail, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("✗ fail     Security updates are in"));
  EXPECT_THAT(text, HasSubstr("1 security update waits: openssl\n"));
  EXPECT_THAT(text, HasSubstr("openssl  waits for 20 days\n"));
  EXPECT_THAT(text, Not(HasSubstr("zlib")));
  EXPECT_THAT(text, HasSubstr("certificates  failed   2 minutes ago  it was killed\n"));
}

TEST(HostText, CountsTheSubjectsBeyondTheTenthInsteadOfListingThem) {
  v1::HostDetail detail;
  v1::Verdict& verdict = *detail.add_verdicts();
  for (int i = 1; i <= 25; ++i) {
    v1::SubjectVerdict& subject = *verdict.add_subjects();
    subject.set_subject("package" + std::to_string(i));
    subject.set_status(v1::STATUS_DUE);
  }
  const std::string text = host_text(detail, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("package9 "));
  EXPECT_THAT(text, Not(HasSubstr("package12")));
  EXPECT_THAT(text, HasSubstr("and 15 more\n"));
}

TEST(TokenText, HasTheReadyMadeCommand) {
  v1::CreateTokenResponse response;
  response.set_token("muster-abc");
  response.set_ca_sha256("feed");
  response.set_enrol_url("https://collector.test:8443");
  response.mutable_summary()->set_uses_left(2);
  *response.mutable_summary()->mutable_created_at() = to_proto(kNow);
  *response.mutable_summary()->mutable_expires_at() = to_proto(kNow + std::chrono::hours(1));
  const std::string text = token_text(response, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("for 2 hosts within 1 hour"));
  // By a pipe: every user sees an argument in ps.
  EXPECT_THAT(text, HasSubstr("  echo muster-abc |\n"
                              "    muster-agent enroll --collector https://collector.test:8443 "
                              "--token-file - \\\n    --ca-sha256 feed\n"));
}

TEST(TokenText, SaysWhichHostItIsForAndWhatThatMeans) {
  v1::CreateTokenResponse response;
  response.mutable_summary()->set_host("web1");
  response.mutable_summary()->set_uses_left(1);
  *response.mutable_summary()->mutable_created_at() = to_proto(kNow);
  *response.mutable_summary()->mutable_expires_at() = to_proto(kNow + std::chrono::hours(1));
  const std::string text = token_text(response, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("for the host web1 within 1 hour"));
  EXPECT_THAT(text, HasSubstr("its certificates end"));
}

TEST(TokenTable, ShowsTokensByTheirIds) {
  v1::TokenList list;
  v1::TokenSummary& token = *list.add_tokens();
  token.set_id("0a1b2c3d");
  token.set_uses_left(5);
  *token.mutable_expires_at() = to_proto(kNow + std::chrono::hours(2));
  (*token.mutable_labels())["role"] = "web";
  EXPECT_EQ(token_table(list, kNow, kStyle),
            "TOKEN     USES LEFT  ENDS IN  HOST  LABELS\n"
            "0a1b2c3d  5          2 hours  -     role=web\n");
  token.set_host("web1");
  EXPECT_THAT(token_table(list, kNow, kStyle), HasSubstr("  web1  role=web\n"));
  EXPECT_THAT(token_table({}, kNow, kStyle), HasSubstr("No token"));
}

TEST(PercentEncodePath, LeavesNothingThatHttpWouldRead) {
  EXPECT_EQ(percent_encode_path("/hosts/web-1.example_x~"), "/hosts/web-1.example_x~");
  EXPECT_EQ(percent_encode_path("/a b?c#d%\n"), "/a%20b%3Fc%23d%25%0A");
}

}  // namespace
}  // namespace muster::collector
