#include "collector/metrics/policy_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/http/self_metrics.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TimePoint at(int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

policy::Policy a_policy() {
  policy::Policy policy;
  policy.controls.push_back(
      {.id = "reporting", .title = "The host reports", .rule = "host_reporting"});
  policy.sha256 = "ab12";
  return policy;
}

class PolicyMetricsTest : public ::testing::Test {
 protected:
  void add_host(const std::string& name, std::map<std::string, std::string> labels) {
    fleet_.add_host({.id = "id-" + name,
                     .name = name,
                     .labels = std::move(labels),
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }
  void set_policy(policy::Policy policy) {
    fleet_.set_policy(std::make_shared<policy::Policy>(std::move(policy)));
  }
  std::string text(exposition::Format format = exposition::Format::kPrometheusText) const {
    return http::render_self_metrics(metrics_.Collect(), format);
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_{clock_, store_, std::make_shared<policy::Policy>(a_policy())};
  PolicyMetrics metrics_{clock_, fleet_};
};

TEST_F(PolicyMetricsTest, TellOfThePolicyInForce) {
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_info{sha256=\"ab12\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_controls 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_loaded_timestamp_seconds 1800000000\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_last_reload_successful 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_selectors_without_hosts 0\n"));
  // There are none.
  EXPECT_THAT(text(), Not(HasSubstr("muster_compliance_ratio")));
  EXPECT_THAT(text(), Not(HasSubstr("muster_waiver_end")));
  EXPECT_THAT(text(), Not(HasSubstr("muster_date")));
  EXPECT_THAT(text(), Not(HasSubstr("muster_owner_info")));
}

TEST_F(PolicyMetricsTest, TellTheDeadlinesOfControlsBySeverityWhereTheyDiffer) {
  policy::Policy policy = a_policy();
  policy.controls[0].deadlines = policy::Deadlines::all(std::chrono::hours(12));
  policy.controls.push_back({.id = "updates",
                             .title = "Updates are in",
                             .rule = "security_updates",
                             .deadlines = {.low = std::chrono::days(90),
                                           .medium = std::chrono::days(30),
                                           .high = std::chrono::days(14),
                                           .critical = Duration(0)}});
  set_policy(policy);
  const std::string family = "\nmuster_policy_control_deadline_seconds{control=";
  EXPECT_THAT(text(), HasSubstr(family + "\"reporting\",severity=\"\"} 43200" + family +
                                "\"updates\",severity=\"low\"} 7776000" + family +
                                "\"updates\",severity=\"medium\"} 2592000" + family +
                                "\"updates\",severity=\"high\"} 1209600" + family +
                                "\"updates\",severity=\"critical\"} 0\n"));
}

TEST_F(PolicyMetricsTest, TellWhenAReloadWasTakenOrRefused) {
  clock_.advance(std::chrono::hours(1));
  metrics_.note_reload(false);
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_loaded_timestamp_seconds 1800000000\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_last_reload_successful 0\n"));
  metrics_.note_reload(true);
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_loaded_timestamp_seconds 1800003600\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_policy_last_reload_successful 1\n"));
}

TEST_F(PolicyMetricsTest, TellOfWaiversAlsoThoseThatHaveEndedOfDatesAndOfOwners) {
  policy::Policy policy = a_policy();
  policy.waivers = {{.id = "ended",
                     .control = "reporting",
                     .match = {},
                     .subjects = {},
                     .reason = "",
                     .approved_by = "Ada",
                     .ticket = "",
                     .starts = at(1'000'000'000),
                     .ends = at(1'100'000'000)},
                    {.id = "freeze",
                     .control = "reporting",
                     .match = {},
                     .subjects = {},
                     .reason = "",
                     .approved_by = "Ada \"B\"\n",
                     .ticket = "OPS-\xff",
                     .starts = at(1'900'000'000),
                     .ends = at(1'910'000'000)}};
  policy.dates = {
      {.name = "SAN", .kind = "support-contract", .owner = "storage", .date = at(1'850'000'000)}};
  policy.owners = {
      {.team = "web", .match = {}, .contact = "web@example.org", .escalation = "+49 1"},
      // Cut alike.
      {.team = std::string(300, 'x'), .match = {}, .contact = "", .escalation = ""},
      {.team = std::string(301, 'x'), .match = {}, .contact = "", .escalation = ""}};
  set_policy(policy);
  EXPECT_THAT(text(), HasSubstr("\nmuster_waiver_end_timestamp_seconds{waiver=\"ended\","
                                "control=\"reporting\",approved_by=\"Ada\",ticket=\"\"} "
                                "1100000000\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_waiver_end_timestamp_seconds{waiver=\"freeze\",control="
                                "\"reporting\",approved_by=\"Ada \\\"B\\\"\\n\",ticket=\"OPS-"
                                "\uFFFD\"} 1910000000\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_date_timestamp_seconds{date=\"SAN\",kind=\"support-"
                                "contract\",owner=\"storage\"} 1850000000\n"));
  EXPECT_THAT(text(), HasSubstr("\nmuster_owner_info{owner=\"web\",contact=\"web@example.org\","
                                "escalation=\"+49 1\"} 1\n"));
  const std::string openmetrics = text(exposition::Format::kOpenMetrics);
  EXPECT_THAT(openmetrics, HasSubstr("# TYPE muster_owner info\n"));
  EXPECT_THAT(openmetrics, HasSubstr("# TYPE muster_policy info\n"));
  const std::string cut = "muster_owner_info{owner=\"xxx";
  EXPECT_EQ(openmetrics.find(cut), openmetrics.rfind(cut));
}

TEST_F(PolicyMetricsTest, TellHowTheFleetCompliesByItsLabels) {
  policy::Policy policy = a_policy();
  policy.labels = {{"site", {}}, {"rack", {}}, {"job", {}}};
  policy.owners = {{.team = "fra-team",
                    .match = {.labels = {{"site", {"fra"}}}},
                    .contact = "",
                    .escalation = ""}};
  set_policy(policy);
  add_host("web1", {{"site", "fra"}, {"rack", "r1"}, {"undeclared", "x"}, {"job", "x"}});
  add_host("web2", {{"owner", "storage"}});
  // Enrolled and never reported: unknown.
  for (const char* series :
       {"control=\"\",by=\"\",value=\"\"", "control=\"reporting\",by=\"site\",value=\"fra\"",
        "control=\"\",by=\"site\",value=\"\"", "control=\"\",by=\"rack\",value=\"r1\"",
        "control=\"reporting\",by=\"owner\",value=\"fra-team\"",
        "control=\"reporting\",by=\"owner\",value=\"storage\"",
        "control=\"\",by=\"role\",value=\"\"", "control=\"\",by=\"environment\",value=\"\""}) {
    EXPECT_THAT(text(), HasSubstr(std::string("\nmuster_compliance_ratio{") + series + "} 0\n"));
  }
  EXPECT_THAT(text(), Not(HasSubstr("undeclared")));
  EXPECT_THAT(text(), Not(HasSubstr("job")));
}

TEST_F(PolicyMetricsTest, CountSelectorsWithoutHostsWhenHostsHaveChangedAndOnceAMinute) {
  policy::Policy policy = a_policy();
  policy.labels = {{"site", {}}};
  policy.controls[0].applies_to.labels = {{"site", {"fra"}}};
  set_policy(policy);
  const auto count = [this](std::chrono::seconds later) {
    clock_.advance(later);
    metrics_.look_at_selectors();
    const std::string name = "\nmuster_policy_selectors_without_hosts ";
    const std::string now = text();
    return now.substr(now.find(name) + name.size(), 1);
  };
  EXPECT_EQ(count(std::chrono::seconds(1)), "0") << "there are no hosts";
  add_host("web1", {{"site", "ams"}});
  EXPECT_EQ(count(std::chrono::seconds(1)), "1");
  add_host("web2", {{"site", "fra"}});
  EXPECT_EQ(count(std::chrono::seconds(59)), "1");
  EXPECT_EQ(count(std::chrono::seconds(1)), "0");
  fleet_.remove_host("id-web2");
  EXPECT_EQ(count(std::chrono::seconds(60)), "1");
}

}  // namespace
}  // namespace muster::collector
