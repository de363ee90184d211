// The exposition before other people's eyes: Prometheus's promtool and the OpenMetrics parser of
// its Python client. Both come with tests/run; a machine without them fails here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "common/exposition/host_metrics.h"
#include "common/exposition/joined_families.h"
#include "common/files.h"
#include "common/policy/policy_file.h"
#include "tests/common/exposition/documented_families.h"
#include "tests/common/exposition/full_host.h"
#include "tests/common/exposition/full_target.h"
#include "tests/common/exposition/run_command.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests

// Full hosts and targets, silent ones, and ones whose every name is hostile.
std::string exposition(Format format) {
  const FullHost full(policy::default_policy());
  HostMetricsInput silent = full.input(false);
  silent.host = "silent";
  v1::CertificateFacts facts;
  v1::CertificateFile& file = add_file(facts, "/etc/\"}\n# EOF\nforged 1\n\\\xE2\x80\xA8.pem");
  add_certificate(file, "\",x=\"", kNow, kNow + days(1));
  const std::vector<SectionState> sections{observed("certificates", facts)};
  const std::vector<RenderedHost> hosts{render_host(full.input()), render_host(silent),
                                        render_host({.host = "h\"o\\s\nt", .sections = sections})};
  std::string text = join_families(hosts, format);
  // And targets of the same sort.
  const FullTarget target;
  TargetMetricsInput unobserved = target.input();
  unobserved.target = "unobserved";
  unobserved.observed = false;
  const std::vector<RenderedHost> targets{
      render_settled(target.input()), render_settled(unobserved),
      render_settled({.target = "t\"a\\r\ng", .kind = "tcp", .address = "\"} 1\nforged 1"})};
  text += join_families(targets, format, kTargetFamilySet);
  append_end(text, format);
  return text;
}

TEST(Exposition, GivesPromtoolNothingToSay) {
  const test::Ended ended =
      test::run_command("promtool check metrics", exposition(Format::kPrometheusText));
  EXPECT_EQ(ended.output, "");
  EXPECT_EQ(ended.status, 0) << "promtool is in Debian's package prometheus";
}

TEST(Exposition, IsReadByTheOpenMetricsParserOfThePythonClient) {
  const test::Ended ended = test::run_command("/usr/bin/python3 -I " MUSTER_SOURCE_DIRECTORY
                                              "/tests/common/exposition/list_openmetrics.py",
                                              exposition(Format::kOpenMetrics));
  EXPECT_EQ(ended.status, 0) << ended.output
                             << "\nthe parser is in Debian's package python3-prometheus-client";
  // Types as the parser understood them, and the hostile labels as they were.
  for (const std::string line : {"muster_host info 1\n", "muster_agent_outbox_dropped counter 1\n",
                                 "muster_host_reporting gauge 2\n", "muster_certificates gauge 2\n",
                                 "muster_target info 3\n", "muster_target_observed gauge 3\n",
                                 "label target 't\"a\\\\r\\ng'\n", "label host 'h\"o\\\\s\\nt'\n",
                                 "label common_name '\",x=\"'\n",
                                 "label path '/etc/\"}\\n# EOF\\nforged 1\\n\\\\\\u2028.pem'\n"}) {
    EXPECT_NE(ended.output.find(line), std::string::npos) << line << ended.output;
  }
}

// The first expression of every "Alert: `…`" and "Alert `ItsName`: `…`" of the contract, as rules.
std::string rules_of(const std::string& contract, size_t& count) {
  static const std::regex alert("\nAlerts?(?: `[^:]*)?:\\s+`([^`]+)`");
  std::string rules = "groups:\n- name: documentation\n  rules:\n";
  for (std::sregex_iterator found(contract.begin(), contract.end(), alert), end; found != end;
       ++found) {
    std::string expression = (*found)[1];
    std::replace(expression.begin(), expression.end(), '\n', ' ');
    rules += fmt::format("  - alert: Example{}\n    expr: >-\n      {}\n", ++count, expression);
  }
  return rules;
}

TEST(Documentation, ShowsAnAlertForEveryFamilyThatPromtoolAccepts) {
  const absl::StatusOr<std::string> contract =
      read_file(MUSTER_SOURCE_DIRECTORY "/docs/metrics.md", size_t{1} << 20);
  ASSERT_TRUE(contract.ok()) << contract.status();
  size_t count = 0;
  const std::string rules = rules_of(*contract, count);
  EXPECT_EQ(count, test::documented_families().size());
  const test::Ended ended =
      test::run_command("promtool check rules --lint=all --lint-fatal /dev/stdin", rules);
  EXPECT_EQ(ended.status, 0) << ended.output << rules;
}

}  // namespace
}  // namespace muster::exposition
