#include "common/exposition/host_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/exposition/host_families.h"
#include "common/files.h"
#include "common/policy/policy_file.h"
#include "tests/common/exposition/documented_families.h"
#include "tests/common/exposition/full_host.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::Not;

std::string render(const HostMetricsInput& input, Format format = Format::kPrometheusText) {
  const std::vector<std::vector<std::string>> hosts{render_host(input)};
  return join_families(hosts, format);
}

// Without comments: what each family's test looks at.
std::string samples(const HostMetricsInput& input) {
  std::string text;
  for (const std::string& family : render_host(input))
    text += family;
  return text;
}

TEST(HostMetrics, RenderEveryFamilyOfAFullHost) {
  const FullHost host(policy::default_policy());
  const absl::StatusOr<std::string> golden =
      read_file(MUSTER_SOURCE_DIRECTORY "/tests/common/exposition/full_host.prom", size_t{1} << 20);
  ASSERT_TRUE(golden.ok()) << golden.status();
  EXPECT_EQ(render(host.input()), *golden);
}

TEST(HostMetrics, AreTheSameInOnePartAndInTwo) {
  const FullHost host(policy::default_policy());
  for (const bool reporting : {true, false}) {
    const HostMetricsInput input = host.input(reporting);
    const std::vector<std::vector<std::string>> whole{render_host(input), render_host(input)};
    const std::vector<std::string> moving = render_host(input, FamilyKind::kMoving);
    const std::vector<std::string> settled = render_host(input, FamilyKind::kSettled);
    const std::vector<std::vector<std::string>> parts{moving, settled, moving, settled};
    for (const Format format : {Format::kPrometheusText, Format::kOpenMetrics}) {
      EXPECT_EQ(join_families(parts, format), join_families(whole, format));
    }
    for (size_t family = 0; family < kHostFamilyCount; ++family) {
      EXPECT_TRUE(moving[family].empty() || settled[family].empty()) << kHostFamilies[family].name;
    }
  }
}

TEST(HostMetrics, OfTimesAndMeasurementsAreTheMovingPart) {
  FullHost host(policy::default_policy());
  const std::vector<std::string> before = render_host(host.input(), FamilyKind::kSettled);
  HostMetricsInput later = host.input();
  *later.last_sync += hours(1);
  *later.clock_offset_seconds += 1;
  for (SectionState& section : host.sections) {
    section.looked_at += hours(1);
    section.observed_at += hours(1);
    for (v1::Measurement& measurement : section.measurements)
      measurement.set_value(measurement.value() + 1);
  }
  EXPECT_EQ(render_host(later, FamilyKind::kSettled), before);
  const std::vector<std::string> moving = render_host(later, FamilyKind::kMoving);
  EXPECT_THAT(moving[kHostLastSync], HasSubstr("} 1795266000\n"));
  EXPECT_THAT(moving[kAgentOutboxEntries], HasSubstr("} 3\n"));
}

TEST(HostMetrics, KnowWhichVerdictsAreWrittenAlike) {
  v1::Verdict before;
  before.set_control("a");
  before.set_severity(v1::SEVERITY_LOW);
  before.set_status(v1::STATUS_DUE);
  before.mutable_deadline()->set_seconds(5);
  std::vector<v1::Verdict> after(1, before);
  after[0].set_summary("for 3 minutes");
  EXPECT_TRUE(are_written_alike({&before, 1}, after));
  EXPECT_FALSE(are_written_alike({&before, 1}, {}));
  after[0].mutable_deadline()->set_nanos(1);
  EXPECT_FALSE(are_written_alike({&before, 1}, after));
  after[0].clear_deadline();
  EXPECT_FALSE(are_written_alike({&before, 1}, after));
  after[0] = before;
  after[0].set_status(v1::STATUS_FAIL);
  EXPECT_FALSE(are_written_alike({&before, 1}, after));
  after[0] = before;
  after[0].set_severity(v1::SEVERITY_HIGH);
  EXPECT_FALSE(are_written_alike({&before, 1}, after));
  after[0] = before;
  after[0].set_control("b");
  EXPECT_FALSE(are_written_alike({&before, 1}, after));
}

TEST(HostMetrics, LeaveOfASilentHostOnlyItsControlsAndThatItIsSilent) {
  const FullHost host(policy::default_policy());
  const std::string text = samples(host.input(false));
  EXPECT_THAT(text, HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("muster_host_last_sync_timestamp_seconds{host=\"web1\"} 1795262400\n"));
  std::set<std::string> names;
  for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    names.insert(text.substr(begin, text.find('{', begin) - begin));
  }
  EXPECT_EQ(names, (std::set<std::string>{
                       "muster_control_deadline_timestamp_seconds", "muster_control_status",
                       "muster_host_last_sync_timestamp_seconds", "muster_host_reporting"}));
}

TEST(HostMetrics, SayNothingOfReportingWhereThereIsNobodyToReportTo) {
  const FullHost host(policy::default_policy());
  HostMetricsInput input = host.input();
  input.last_sync.reset();
  input.clock_offset_seconds.reset();
  EXPECT_THAT(samples(input), Not(HasSubstr("muster_host_reporting")));
  EXPECT_THAT(samples(input), HasSubstr("muster_host_info"));
  // One that was enrolled and has never reported.
  input.reporting = false;
  EXPECT_THAT(samples(input), HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
}

TEST(HostMetrics, EmitZerosAndTheUnknownOnlyWhereThereIsSuchAnUpdate) {
  v1::PackageFacts facts = apt_facts();
  std::vector<SectionState> sections{observed("packages-apt", facts)};
  HostMetricsInput input{.host = "h", .sections = sections, .verdicts = {}};
  std::string text = samples(input);
  EXPECT_THAT(text, HasSubstr("muster_package_updates_pending{host=\"h\",manager=\"apt\","
                              "security=\"yes\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("muster_package_updates_installable{host=\"h\",manager=\"apt\","
                              "security=\"no\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("muster_packages_held{host=\"h\",manager=\"apt\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("unknown")));
  add_update(facts, "x", v1::SECURITY_UNSPECIFIED).set_would_install(false);
  sections[0] = observed("packages-apt", facts);
  text = samples(input);
  EXPECT_THAT(text, HasSubstr("security=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_package_updates_installable{host=\"h\",manager=\"apt\","
                              "security=\"unknown\"} 0\n"));
}

TEST(HostMetrics, ShowTheOutcomeOfEveryProbe) {
  std::vector<SectionState> sections{
      failed(packages_section(), "killed"), failed(without_facts("host"), "crashed"),
      not_applicable("packages-rpm", "no rpm"), without_facts("newer")};
  sections[3].outcome = static_cast<v1::Outcome>(77);
  const std::string text = samples({.host = "h", .sections = sections, .verdicts = {}});
  EXPECT_THAT(text, HasSubstr("muster_probe_outcome{host=\"h\",probe=\"packages-apt\","
                              "outcome=\"failed\"} 1\n"));
  // What it saw before stays.
  EXPECT_THAT(text, HasSubstr("muster_packages_installed{host=\"h\",manager=\"apt\"} 500\n"));
  EXPECT_THAT(text, HasSubstr("probe=\"host\",outcome=\"failed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("probe=\"packages-rpm\",outcome=\"not_applicable\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("probe=\"newer\",outcome=\"failed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_probe_last_observed_timestamp_seconds{host=\"h\","
                              "probe=\"packages-apt\"} 1795262400\n"));
  EXPECT_THAT(text, Not(HasSubstr("last_observed_timestamp_seconds{host=\"h\",probe=\"host\"}")));
}

TEST(HostMetrics, LeaveOutWhatTheyDoNotKnow) {
  SectionState newer = certificates_section();
  newer.facts_type = "muster.v9.CertificateFacts";
  SectionState damaged = packages_section();
  damaged.facts = "\xff\xff";
  SectionState target = certificates_section();
  target.entity = "www.example.org:443";
  SectionState agent = agent_section();
  agent.measurements[0].set_value(std::numeric_limits<double>::quiet_NaN());
  const std::vector<SectionState> sections{newer, damaged, target, agent};
  const std::string text = samples({.host = "h", .sections = sections, .verdicts = {}});
  EXPECT_THAT(text, Not(HasSubstr("muster_certificate")));
  EXPECT_THAT(text, Not(HasSubstr("muster_package")));
  EXPECT_THAT(text, Not(HasSubstr("muster_probe_duration_seconds")));
  EXPECT_THAT(text, Not(HasSubstr("of_a_newer_agent")));
}

TEST(HostMetrics, CountTheCertificatesBeyondAThousand) {
  v1::CertificateFacts facts;
  for (int i = 0; i < 1005; ++i) {
    add_certificate(add_file(facts, "/etc/" + std::to_string(i)), "x", kNow, kNow + days(1));
  }
  const std::vector<SectionState> sections{observed("certificates", facts)};
  const std::vector<std::string> texts =
      render_host({.host = "h", .sections = sections, .verdicts = {}});
  EXPECT_EQ(texts[kCertificates], "muster_certificates{host=\"h\"} 1005\n");
  const std::string& ends = texts[kCertificateNotAfter];
  EXPECT_EQ(std::count(ends.begin(), ends.end(), '\n'), 1000);
}

TEST(HostMetrics, NeverWriteASeriesTwice) {
  v1::CertificateFacts facts;
  const std::string long_path(400, 'x');
  add_certificate(add_file(facts, long_path + "1"), "x", kNow, kNow + days(1));
  add_certificate(add_file(facts, long_path + "2"), "x", kNow, kNow + days(2));
  SectionState agent = agent_section();
  add_measurement(agent, "outbox_entries", 3);
  const std::vector<SectionState> sections{observed("certificates", facts), agent, agent};
  const std::vector<std::string> texts =
      render_host({.host = "h", .sections = sections, .verdicts = {}});
  EXPECT_EQ(texts[kAgentOutboxEntries], "muster_agent_outbox_entries{host=\"h\"} 2\n");
  EXPECT_EQ(
      std::count(texts[kCertificateNotAfter].begin(), texts[kCertificateNotAfter].end(), '\n'), 1);
}

TEST(JoinFamilies, WritesEachHeaderOnceAndLeavesOutEmptyFamilies) {
  std::vector<std::vector<std::string>> hosts;
  for (const std::string_view name : {"a", "b"}) {
    hosts.push_back(render_host({.host = name, .sections = {}, .verdicts = {}, .last_sync = kNow}));
  }
  EXPECT_EQ(join_families(hosts, Format::kOpenMetrics),
            "# HELP muster_host_reporting 1 if the host reports to the collector, 0 if it has been "
            "silent for too long.\n"
            "# TYPE muster_host_reporting gauge\n"
            "muster_host_reporting{host=\"a\"} 1\n"
            "muster_host_reporting{host=\"b\"} 1\n"
            "# HELP muster_host_last_sync_timestamp_seconds When the host last reported, by the "
            "collector's clock.\n"
            "# TYPE muster_host_last_sync_timestamp_seconds gauge\n"
            "muster_host_last_sync_timestamp_seconds{host=\"a\"} 1795262400\n"
            "muster_host_last_sync_timestamp_seconds{host=\"b\"} 1795262400\n");
  EXPECT_EQ(join_families(std::span<const std::vector<std::string>>(), Format::kPrometheusText),
            "");
}

TEST(HostFamilies, AreThoseOfTheDocumentationWithTheirTypes) {
  std::set<std::string> written;
  for (const Family& family : host_families()) {
    const std::string type = family.type == MetricType::kGauge     ? "gauge"
                             : family.type == MetricType::kCounter ? "counter"
                                                                   : "info";
    written.insert(std::string(family.name) + " " + type);
  }
  std::set<std::string> documented;
  for (const std::string& family : test::documented_families()) {
    const bool of_the_collector =
        family.starts_with("muster_collector_") || family.starts_with("process_");
    if (!of_the_collector) documented.insert(family);
  }
  EXPECT_EQ(written, documented);
}

}  // namespace
}  // namespace muster::exposition
