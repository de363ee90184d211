#include "agent/output/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/status_file.h"
#include "common/timestamp.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 20h};

v1::AgentStatus good_status() {
  v1::AgentStatus status;
  status.set_version("0.1.0");
  status.set_process_id(4711);
  *status.mutable_started_at() = to_proto(kNow - 72h);
  *status.mutable_written_at() = to_proto(kNow - 20s);
  *status.mutable_next_sync_at() = to_proto(kNow + 40s);
  status.set_host("web1");
  status.set_collector("collector.example.org:8433");
  *status.mutable_last_sync_attempt_at() = to_proto(kNow - 20s);
  *status.mutable_last_sync_success_at() = to_proto(kNow - 20s);
  *status.mutable_certificate_not_after() = to_proto(kNow + 120h);
  v1::ProbeStatus& probe = *status.add_probes();
  probe.set_name("packages-apt");
  probe.set_outcome(v1::OUTCOME_OBSERVED);
  *probe.mutable_looked_at() = to_proto(kNow - 5min);
  probe.set_duration_seconds(0.25);
  return status;
}

TEST(AgentStatusText, SaysAllIsWell) {
  const StatusReport report = describe_status(good_status(), true, kNow, TerminalStyle());
  EXPECT_EQ(report.exit_status, 0);
  EXPECT_EQ(report.text,
            "agent         0.1.0 runs as process 4711, started 3 days ago\n"
            "              (2026-11-18T20:00:00Z)\n"
            "enrolled as   web1\n"
            "collector     collector.example.org:8433\n"
            "certificate   valid until 2026-11-26, 5 days from now\n"
            "last report   20 seconds ago (2026-11-21T19:59:40Z)\n"
            "waiting       0 versions, 0 bytes on disk\n"
            "packages-apt  observed, 5 minutes ago (2026-11-21T19:55:00Z); took 0.25 s\n");
}

TEST(AgentStatusText, SaysWhatItLooksAtFromOutside) {
  v1::AgentStatus status = good_status();
  const auto lines = [&status](bool runs = true) {
    const std::string text = describe_status(status, runs, kNow, TerminalStyle()).text;
    const size_t begin = text.find("targets ");
    if (begin == std::string::npos) return std::string();
    return text.substr(begin, text.find("packages-apt") - begin);
  };
  EXPECT_EQ(lines(), "");
  status.set_targets_own(2);
  EXPECT_EQ(lines(), "targets       2 of its own\n");
  status.set_targets_held(12);
  *status.mutable_leases_end_at() = to_proto(kNow + 2min);
  EXPECT_EQ(lines(),
            "targets       12 for the collector, for 2 minutes unless a report renews it; 2\n"
            "              of its own\n");
  status.set_targets_own(0);
  EXPECT_EQ(lines(false), "targets       12 for the collector, until 2026-11-21T20:02:00Z\n");
  *status.mutable_leases_end_at() = to_proto(kNow - 3min);
  status.set_targets_refused(3);
  status.set_target_refusal(
      "shop: targets.allow in the agent.yml of this host does not list 10.0.0.1:22");
  EXPECT_EQ(lines(),
            "targets       12 for the collector, but it looks at none: their lease ended 3\n"
            "              minutes ago (2026-11-21T19:57:00Z)\n"
            "refused       3 of the collector's targets; the first is shop: targets.allow in\n"
            "              the agent.yml of this host does not list 10.0.0.1:22\n");
}

TEST(AgentStatusText, SaysWhatIsMissingOfTheSandbox) {
  v1::AgentStatus status = good_status();
  status.mutable_sandbox()->add_mechanisms("landlock");
  EXPECT_THAT(describe_status(status, true, kNow, TerminalStyle()).text, Not(HasSubstr("sandbox")));
  v1::SandboxGap& gap = *status.mutable_sandbox()->add_missing();
  gap.set_mechanism("landlock");
  gap.set_reason("landlock_create_ruleset: Function not implemented");
  EXPECT_THAT(describe_status(status, true, kNow, TerminalStyle()).text,
              HasSubstr("sandbox       without landlock: landlock_create_ruleset: Function not\n"
                        "              implemented\n"));
}

TEST(AgentStatusText, TellsAReportThatFailedFromAnAgentThatIsGone) {
  v1::AgentStatus failing = good_status();
  failing.set_last_sync_error("connection refused\x1b[2J");
  StatusReport report = describe_status(failing, true, kNow, TerminalStyle());
  EXPECT_EQ(report.exit_status, 1);
  EXPECT_THAT(report.text, HasSubstr("error         connection refused\\x1b[2J\n"));

  report = describe_status(good_status(), false, kNow, TerminalStyle());
  EXPECT_EQ(report.exit_status, 2);
  EXPECT_THAT(report.text, HasSubstr("agent         does not run"));

  report = describe_status(good_status(), true, kNow + 10min, TerminalStyle());
  EXPECT_EQ(report.exit_status, 2);
  EXPECT_THAT(report.text, HasSubstr("has not reported as it should"));

  v1::AgentStatus young = good_status();
  young.clear_last_sync_attempt_at();
  young.clear_last_sync_success_at();
  EXPECT_EQ(describe_status(young, true, kNow, TerminalStyle()).exit_status, 2);
}

TEST(AgentStatusText, SaysWhatNeedsSomebody) {
  v1::AgentStatus status = good_status();
  *status.mutable_certificate_not_after() = to_proto(kNow - 1h);
  status.set_outbox_dropped_total(3);
  status.set_outbox_damaged_total(1);
  status.mutable_probes(0)->set_outcome(v1::OUTCOME_FAILED);
  status.mutable_probes(0)->set_reason("was killed after 120 s");
  TerminalStyle wide;
  wide.width = 200;
  const std::string text = describe_status(status, true, kNow, wide).text;
  EXPECT_THAT(text, HasSubstr("certificate   expired on 2026-11-21, 1 hour ago\n"));
  EXPECT_THAT(text, HasSubstr("renewal       the agent asks for another\n"));
  EXPECT_THAT(text, HasSubstr("3 lost since the start, 1 damaged files set aside"));
  EXPECT_THAT(text, HasSubstr("failed: was killed after 120 s"));
}

TEST(AgentStatusText, SaysWhoRenewsTheCertificateAndWhyItIsNotRenewed) {
  TerminalStyle wide;
  wide.width = 200;
  const auto text_of = [&wide](const v1::AgentStatus& status, bool runs) {
    return describe_status(status, runs, kNow, wide).text;
  };
  v1::AgentStatus status = good_status();
  *status.mutable_renewal_at() = to_proto(kNow + 30h);
  EXPECT_THAT(text_of(status, true), HasSubstr("5 days from now; renewed on 2026-11-23\n"));
  EXPECT_THAT(text_of(status, true), Not(HasSubstr("renewal ")));
  status.set_renewal_error("this host is quarantined");
  EXPECT_THAT(text_of(status, true), HasSubstr("renewal       this host is quarantined\n"));
  status.clear_renewal_error();
  *status.mutable_certificate_not_after() = to_proto(kNow - 1h);
  EXPECT_THAT(text_of(status, false), HasSubstr("renewal       start the agent: it asks"));
  status.set_renewed_by_others(true);
  EXPECT_THAT(text_of(status, true), HasSubstr("whoever makes them has to renew them"));
  *status.mutable_certificate_not_after() = to_proto(kNow + 1h);
  EXPECT_THAT(text_of(status, true), HasSubstr("; not renewed by the agent, for agent.yml names"));
}

TEST(AgentStatusFile, IsReadBackAsItWasWritten) {
  test::TemporaryDirectory directory;
  ASSERT_TRUE(write_status(directory.path(), good_status()).ok());
  const auto status = read_status(directory.path());
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->SerializeAsString(), good_status().SerializeAsString());
}

TEST(AgentStatusFile, TellsMissingFromBroken) {
  test::TemporaryDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(read_status(directory.path()).status()));
  directory.write("status.json", "no JSON");
  EXPECT_TRUE(absl::IsDataLoss(read_status(directory.path()).status()));
}

}  // namespace
}  // namespace muster::agent
