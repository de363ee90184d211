#include "common/exposition/host_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/exposition/host_families.h"
#include "common/exposition/joined_families.h"
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
  const RenderedHost host = render_host(input);
  return join_families({&host, 1}, format);
}

HostParts in_parts(const HostMetricsInput& input) {
  HostParts parts;
  parts.settled = std::make_shared<const RenderedHost>(render_settled(input));
  parts.moving = std::make_shared<const RenderedHost>(render_moving(input, parts.settled->cut()));
  return parts;
}

int64_t series(const RenderedHost& host, size_t family) {
  return std::count(host[family].begin(), host[family].end(), '\n');
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
    const std::vector<RenderedHost> whole{render_host(input), render_host(input)};
    for (const Format format : {Format::kPrometheusText, Format::kOpenMetrics}) {
      JoinedFamilies joined({in_parts(input), in_parts(input)}, format);
      const size_t most = joined.most();
      const std::string text = joined.take_all();
      EXPECT_EQ(text, join_families(whole, format));
      EXPECT_LE(text.size(), most);
    }
    const HostParts parts = in_parts(input);
    for (size_t family = 0; family < kHostFamilyCount; ++family) {
      EXPECT_TRUE((*(is_moving(family) ? parts.settled : parts.moving))[family].empty())
          << kHostFamilies[family].name;
    }
  }
}

TEST(HostMetrics, OfTimesAndMeasurementsAreTheMovingPart) {
  FullHost host(policy::default_policy());
  const HostParts before = in_parts(host.input());
  HostMetricsInput later = host.input();
  *later.last_sync += hours(1);
  *later.clock_offset_seconds += 1;
  for (SectionState& section : host.sections) {
    section.looked_at += hours(1);
    section.observed_at += hours(1);
    for (v1::Measurement& measurement : section.measurements)
      measurement.set_value(measurement.value() + 1);
  }
  const HostParts after = in_parts(later);
  for (size_t family = 0; family < kHostFamilyCount; ++family)
    EXPECT_EQ((*after.settled)[family], (*before.settled)[family]) << kHostFamilies[family].name;
  EXPECT_THAT(std::string((*after.moving)[kHostLastSync]), HasSubstr("} 1795266000\n"));
  EXPECT_THAT(std::string((*after.moving)[kAgentOutboxEntries]), HasSubstr("} 3\n"));
}

TEST(HostMetrics, KnowWhichStandingsAreWrittenAlike) {
  const policy::Standing before{.status = v1::STATUS_DUE, .deadline = kNow};
  const std::vector<policy::Standing> one{before};
  std::vector<policy::Standing> other{before};
  other[0].valid_until = kNow;
  EXPECT_TRUE(are_written_alike(one, other));
  EXPECT_FALSE(are_written_alike(one, {}));
  other[0].deadline = kNow + Duration(1);
  EXPECT_FALSE(are_written_alike(one, other));
  other[0] = before;
  other[0].unmet_since = kNow;
  EXPECT_FALSE(are_written_alike(one, other));
  other[0] = before;
  other[0].status = v1::STATUS_FAIL;
  EXPECT_FALSE(are_written_alike(one, other));
}

TEST(HostMetrics, LeaveOfASilentHostOnlyItsLabelsItsWindowsItsControlsAndThatItIsSilent) {
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
                       "muster_control_unmet_since_timestamp_seconds", "muster_host_labels_info",
                       "muster_host_last_sync_timestamp_seconds", "muster_host_maintenance",
                       "muster_host_reporting"}));
}

TEST(HostMetrics, ShowNoLabelsAndNoWindowsWhereThereAreNone) {
  const std::string text = samples({.host = "h", .sections = {}, .last_sync = kNow});
  EXPECT_THAT(text, Not(HasSubstr("muster_host_labels_info")));
  EXPECT_THAT(text, Not(HasSubstr("muster_host_maintenance")));
}

TEST(HostMetrics, RepairCutAndEscapeLabelsAndWindows) {
  const std::string value = "\xff\"\n" + std::string(300, 'v');
  const std::vector<Label> labels{{"site", value}};
  // Two that are one once they are cut.
  const std::vector<std::string> names{std::string(300, 'w'), std::string(301, 'w')};
  const std::vector<std::string_view> windows(names.begin(), names.end());
  const RenderedHost host =
      render_settled({.host = "h", .labels = labels, .windows = windows, .last_sync = kNow});
  EXPECT_EQ(host[kHostLabels], "muster_host_labels_info{host=\"h\",site=\"\xEF\xBF\xBD\\\"\\n" +
                                   std::string(248, 'v') + "\xE2\x80\xA6\"} 1\n");
  EXPECT_EQ(series(host, kHostMaintenance), 1);
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

TEST(HostMetrics, ShowTheOutcomeOfEveryProbe) {
  std::vector<SectionState> sections{
      failed(packages_section(), "killed"), failed(without_facts("host"), "crashed"),
      not_applicable("packages-rpm", "no rpm"), without_facts("newer")};
  sections[3].outcome = static_cast<v1::Outcome>(77);
  const std::string text = samples({.host = "h", .sections = sections});
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
  const std::string text = samples({.host = "h", .sections = sections});
  EXPECT_THAT(text, Not(HasSubstr("muster_certificate")));
  EXPECT_THAT(text, Not(HasSubstr("muster_package")));
  EXPECT_THAT(text, Not(HasSubstr("muster_probe_duration_seconds")));
  EXPECT_THAT(text, Not(HasSubstr("of_a_newer_agent")));
}

TEST(HostMetrics, CountTheCertificatesBeyondThoseWithSeries) {
  v1::CertificateFacts facts;
  for (int i = 0; i < 905; ++i) {
    const std::string number = std::to_string(i);
    add_certificate(add_file(facts, "/etc/" + number), number, kNow, kNow + days(1));
  }
  const std::vector<SectionState> sections{observed("certificates", facts)};
  const RenderedHost host = render_host({.host = "h", .sections = sections});
  EXPECT_EQ(host[kCertificates], "muster_certificates{host=\"h\"} 905\n");
  EXPECT_EQ(series(host, kCertificateNotAfter), 900);
  EXPECT_EQ(host[kHostSeriesCut], "muster_host_series_cut{host=\"h\"} 20\n");
}

TEST(HostMetrics, NeverWriteASeriesTwice) {
  v1::CertificateFacts facts;
  const std::string long_path(400, 'x');
  add_certificate(add_file(facts, long_path + "1"), "x", kNow, kNow + days(1));
  add_certificate(add_file(facts, long_path + "2"), "x", kNow, kNow + days(2));
  SectionState agent = agent_section();
  add_measurement(agent, "outbox_entries", 3);
  const std::vector<SectionState> sections{observed("certificates", facts), agent, agent};
  const RenderedHost host = render_host({.host = "h", .sections = sections});
  EXPECT_EQ(host[kAgentOutboxEntries], "muster_agent_outbox_entries{host=\"h\"} 2\n");
  EXPECT_EQ(series(host, kCertificateNotAfter), 2);
}

TEST(HostMetrics, NeverWriteASeriesTwiceHoweverManyThereAre) {
  std::vector<SectionState> sections;
  for (int i = 0; i < 100; ++i) {
    sections.push_back(without_facts(std::string(300, 'p') + std::to_string(i)));
    sections.push_back(without_facts("probe" + std::to_string(i / 2)));
  }
  const RenderedHost host = render_host({.host = "h", .sections = sections});
  EXPECT_EQ(series(host, kProbeOutcome), 51);
}

// A host with more of everything than anybody should have.
std::vector<SectionState> excessive_sections() {
  std::vector<SectionState> sections;
  SectionState agent = agent_section();
  for (int i = 0; i < 200; ++i) {
    add_measurement(agent, "probe_runs_total", i, "probe" + std::to_string(i));
    sections.push_back(without_facts("probe" + std::to_string(i)));
    sections.back().observed_at = kNow;
  }
  sections.push_back(agent);
  sections.push_back(host_section());
  sections.push_back(packages_section());
  v1::CertificateFacts facts;
  for (int i = 0; i < 800; ++i) {
    const std::string number = std::to_string(i);
    add_certificate(add_file(facts, "/etc/" + number), number, kNow, kNow + days(1));
  }
  sections.push_back(observed("certificates", facts));
  return sections;
}

int64_t all_series(const RenderedHost& host) {
  int64_t count = 0;
  for (size_t family = 0; family < kHostFamilyCount; ++family)
    count += series(host, family);
  return count;
}

TEST(SeriesBudget, CutsSingleCertificatesFirst) {
  const std::vector<SectionState> sections = excessive_sections();
  HostMetricsInput input{.host = "h", .sections = sections, .last_sync = kNow};
  const int64_t uncut = all_series(render_host(input));
  EXPECT_EQ(render_host(input)[kHostSeriesCut], "muster_host_series_cut{host=\"h\"} 0\n");
  input.series_budget = 2100;
  const RenderedHost host = render_host(input);
  // The share of what moves has 9 more than a fifth of 2100, the other a hundred or so.
  EXPECT_EQ(host[kHostSeriesCut],
            "muster_host_series_cut{host=\"h\"} " + std::to_string(host.cut()) + "\n");
  EXPECT_EQ(all_series(host) + static_cast<int64_t>(host.cut()), uncut);
  EXPECT_GT(series(host, kCertificateNotAfter), 300);
  EXPECT_LT(series(host, kCertificateNotAfter), 500);
  EXPECT_EQ(series(host, kProbeOutcome), 204);
  EXPECT_EQ(host[kPackagesHeld], "muster_packages_held{host=\"h\",manager=\"apt\"} 1\n");
}

TEST(SeriesBudget, HoldsWhateverAHostSays) {
  const std::vector<SectionState> sections = excessive_sections();
  for (const size_t budget : {0U, 1U, 50U, 500U, 1000U}) {
    const RenderedHost host = render_host(
        {.host = "h", .sections = sections, .last_sync = kNow, .series_budget = budget});
    // Those that are always written may stand above it.
    EXPECT_LE(all_series(host), static_cast<int64_t>(budget) + 6) << budget;
    EXPECT_GT(host.cut(), 500U) << budget;
  }
}

TEST(SeriesBudget, NeverCutsHowTheHostAndItsControlsStand) {
  FullHost full(policy::default_policy());
  HostMetricsInput input = full.input();
  const RenderedHost uncut = render_host(input);
  input.series_budget = 0;
  const RenderedHost host = render_host(input);
  for (const size_t family :
       {kHostInfo, kHostLabels, kHostMaintenance, kHostReporting, kHostLastSync, kHostClockOffset,
        kHostBoot, kControlStatus, kControlDeadline}) {
    EXPECT_EQ(host[family], uncut[family]) << kHostFamilies[family].name;
  }
  EXPECT_EQ(all_series(host) + static_cast<int64_t>(host.cut()), all_series(uncut));
}

TEST(SeriesBudget, CutsTheSameInWhateverOrderTheSectionsLie) {
  std::vector<SectionState> sections = excessive_sections();
  HostMetricsInput input{.host = "h", .sections = sections, .series_budget = 700};
  const RenderedHost before = render_host(input);
  std::mt19937 random(1);
  std::shuffle(sections.begin(), sections.end(), random);
  input.sections = sections;
  EXPECT_EQ(join_families({&before, 1}, Format::kPrometheusText), render(input));
}

TEST(JoinFamilies, WritesEachHeaderOnceAndLeavesOutEmptyFamilies) {
  std::vector<HostParts> hosts;
  for (const std::string_view name : {"a", "b"}) {
    hosts.push_back(in_parts({.host = name, .sections = {}, .last_sync = kNow}));
  }
  EXPECT_EQ(JoinedFamilies(hosts, Format::kOpenMetrics).take_all(),
            "# HELP muster_host_reporting 1 if the host reports to the collector, 0 if it has been "
            "silent for too long.\n"
            "# TYPE muster_host_reporting gauge\n"
            "muster_host_reporting{host=\"a\"} 1\n"
            "muster_host_reporting{host=\"b\"} 1\n"
            "# HELP muster_host_last_sync_timestamp_seconds When the host last reported, by the "
            "collector's clock.\n"
            "# TYPE muster_host_last_sync_timestamp_seconds gauge\n"
            "muster_host_last_sync_timestamp_seconds{host=\"a\"} 1795262400\n"
            "muster_host_last_sync_timestamp_seconds{host=\"b\"} 1795262400\n"
            "# HELP muster_host_series_cut Series of the host that are left out because it has "
            "more than one host may have.\n"
            "# TYPE muster_host_series_cut gauge\n"
            "muster_host_series_cut{host=\"a\"} 0\n"
            "muster_host_series_cut{host=\"b\"} 0\n");
  EXPECT_EQ(JoinedFamilies({}, Format::kPrometheusText).take_all(), "");
  EXPECT_EQ(join_families({}, Format::kPrometheusText), "");
}

TEST(JoinFamilies, GivesTheSameInPiecesOfAnySize) {
  const FullHost full(policy::default_policy());
  std::vector<HostParts> hosts(40, in_parts(full.input()));
  hosts[0] = in_parts(full.input(false));
  const std::string whole = JoinedFamilies(hosts, Format::kPrometheusText).take_all();
  for (const size_t size : {1U, 100U, 5000U, 1000000U}) {
    JoinedFamilies joined(hosts, Format::kPrometheusText);
    std::string text;
    while (joined.append_some(text, size)) {
    }
    EXPECT_EQ(text, whole) << size;
  }
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
    if (!test::is_of_the_collector(family) && !test::is_of_a_target(family)) {
      documented.insert(family);
    }
  }
  EXPECT_EQ(written, documented);
}

}  // namespace
}  // namespace muster::exposition
