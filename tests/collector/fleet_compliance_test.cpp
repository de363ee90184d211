// What the fleet counts of its hosts' compliance, their owners and their windows of maintenance.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "collector/fleet/compliance_sums.h"
#include "collector/fleet/fleet.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr TimePoint kBegin{std::chrono::seconds(1'800'000'000)};

policy::Control reporting(const std::string& id, minutes silent_after) {
  return {.id = id,
          .title = id,
          .rule = "host_reporting",
          .parameters = {{"silent_after", Duration(silent_after)}}};
}

policy::Selector by_label(const std::string& name, const std::string& value) {
  policy::Selector selector;
  selector.labels = {{name, {value}}};
  return selector;
}

HostRecord a_host(unsigned number, Labels labels) {
  return {.id = fmt::format("id-{}", number),
          .name = fmt::format("web{}", number),
          .labels = std::move(labels),
          .machine_id_hash = {},
          .enrolled_at = kBegin,
          .last_sync_at = std::nullopt};
}

// "site=fra lists 1/2": compliant of judged, sorted.
std::vector<std::string> counted(const Fleet& fleet) {
  std::vector<std::string> lines;
  for (const ComplianceSum& sum : sum_compliance(fleet.compliance())) {
    lines.push_back(fmt::format("{}={} {} {}/{}", sum.by, sum.value, sum.control,
                                sum.count.compliant, sum.count.judged));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The same of every host's verdicts, labels and owner, as the API has them.
std::vector<std::string> counted_anew(const Fleet& fleet) {
  std::map<std::string, ComplianceCount> counts;
  const v1::HostList list = fleet.list_hosts();
  for (const v1::HostSummary& host : list.hosts()) {
    std::vector<std::string> groups{"=", "owner=" + host.owner().team()};
    for (const char* name : {"site", "role", "environment", "rack"}) {
      const auto label = host.labels().find(name);
      groups.push_back(
          fmt::format("{}={}", name, label == host.labels().end() ? "" : label->second));
    }
    const absl::StatusOr<v1::HostDetail> detail = fleet.host_detail(host.name());
    for (const v1::Verdict& verdict : detail->verdicts()) {
      if (verdict.status() == v1::STATUS_NOT_APPLICABLE) continue;
      const bool compliant = verdict.status() == v1::STATUS_PASS ||
                             verdict.status() == v1::STATUS_DUE ||
                             verdict.status() == v1::STATUS_WAIVED;
      for (const std::string& group : groups) {
        for (const std::string& control : {std::string(), verdict.control()}) {
          ComplianceCount& count = counts[group + " " + control];
          ++count.judged;
          if (compliant) ++count.compliant;
        }
      }
    }
  }
  std::vector<std::string> lines;
  for (const auto& [name, count] : counts)
    lines.push_back(fmt::format("{} {}/{}", name, count.compliant, count.judged));
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Hosts come, go, report, fall silent, are renamed and get other labels, under changing policies.
class Story {
 public:
  explicit Story(unsigned seed) : random_(seed) { fleet_.set_policy(a_policy()); }

  void step() {
    clock_.advance(minutes(draw(0, 7)));
    const unsigned host = draw(0, 7);
    const std::string id = fmt::format("id-{}", host);
    switch (draw(0, 11)) {
      case 0:
        if (!fleet_.known_as(id)) fleet_.add_host(a_host(host, some_labels()));
        break;
      case 1:
        fleet_.remove_host(id);
        break;
      case 2:
        if (fleet_.known_as(id)) {
          fleet_.rename_host(id, fmt::format("{}{}", draw(0, 1) == 0 ? "web" : "db", host));
        }
        break;
      case 3:
        fleet_.set_policy(a_policy());
        break;
      case 4:
        fleet_.set_inventory(an_inventory());
        break;
      default:
        if (fleet_.known_as(id)) report(id);
        break;
    }
    fleet_.rejudge_due();
  }
  const Fleet& fleet() const { return fleet_; }

 private:
  unsigned draw(unsigned least, unsigned most) {
    return std::uniform_int_distribution<unsigned>(least, most)(random_);
  }

  Labels some_labels() {
    Labels labels;
    for (const char* name : {"site", "role", "owner", "rack", "undeclared"}) {
      if (draw(0, 1) == 0) labels[name] = fmt::format("v{}", draw(0, 2));
    }
    return labels;
  }

  std::shared_ptr<const Inventory> an_inventory() {
    std::map<std::string, Labels, std::less<>> hosts;
    for (unsigned host = 0; host < 8; ++host) {
      if (draw(0, 1) == 0) hosts[fmt::format("web{}", host)] = some_labels();
    }
    return std::make_shared<const Inventory>(std::move(hosts));
  }

  std::shared_ptr<const policy::Policy> a_policy() {
    policy::Policy policy;
    policy.labels = {{"rack", {}}, {"site", {}}, {"role", {}}};
    policy.controls = {reporting("a", minutes(draw(5, 20))), reporting("b", minutes(draw(5, 20)))};
    policy.controls.resize(draw(1, 2), policy::Control());
    policy.controls[0].applies_to = by_label("site", fmt::format("v{}", draw(0, 2)));
    if (draw(0, 1) == 0) {
      policy.controls.push_back(reporting("c", minutes(10)));
      policy.controls.back().applies_to.os = {"debian"};
    }
    if (draw(0, 1) == 0) {
      policy::Selector of_web;
      of_web.hosts = {"web*"};
      policy.owners = {
          {.team = "web-team", .match = of_web, .contact = "", .escalation = "", .place = {}}};
    }
    return std::make_shared<const policy::Policy>(std::move(policy));
  }

  void report(const std::string& id) {
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now());
    v1::HostFacts facts;
    facts.set_os_id(draw(0, 3) == 0 ? "alpine" : "debian");
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe("host");
    version.set_sequence(++sequence_);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = request.sent_at();
    version.set_facts_type("muster.v1.HostFacts");
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    const auto plan = fleet_.plan_sync(id, request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    fleet_.apply_sync(*plan, request);
  }

  std::mt19937 random_;
  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_{clock_, store_, std::make_shared<policy::Policy>()};
  uint64_t sequence_ = 0;
};

TEST(FleetCompliance, IsAfterAnyStoryWhatCountingAnewGives) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Story story(seed);
    for (unsigned step = 0; step < 80; ++step) {
      story.step();
      ASSERT_EQ(counted(story.fleet()), counted_anew(story.fleet()))
          << "seed " << seed << " step " << step;
    }
  }
}

class FleetScopeTest : public ::testing::Test {
 protected:
  v1::HostSummary summary() const { return *fleet_.host_summary("id-1"); }
  std::string metrics() const { return fleet_.render_metrics(exposition::Format::kPrometheusText); }

  FakeClock clock_;
  FakeStore store_;
  policy::Policy policy_;
  Fleet fleet_{clock_, store_, std::make_shared<policy::Policy>()};
};

TEST_F(FleetScopeTest, AHostHasTheFirstOwnerThatMatchesElseItsLabel) {
  fleet_.add_host(a_host(1, {{"site", "fra"}, {"owner", "storage"}}));
  EXPECT_EQ(summary().owner().team(), "storage");
  EXPECT_EQ(summary().owner().contact(), "");
  policy_.owners = {{.team = "network",
                     .match = by_label("site", "ams"),
                     .contact = "n@example.org",
                     .escalation = "1",
                     .place = {}},
                    {.team = "storage",
                     .match = by_label("site", "ber"),
                     .contact = "s@example.org",
                     .escalation = "2",
                     .place = {}}};
  fleet_.set_policy(std::make_shared<policy::Policy>(policy_));
  // None matches; the policy tells how to reach the team of the label.
  EXPECT_EQ(summary().owner().team(), "storage");
  EXPECT_EQ(summary().owner().contact(), "s@example.org");
  fleet_.set_inventory(std::make_shared<const Inventory>(
      std::map<std::string, Labels, std::less<>>{{"web1", {{"site", "ams"}}}}));
  EXPECT_EQ(summary().owner().team(), "network");
  EXPECT_EQ(summary().owner().escalation(), "1");
  EXPECT_THAT(metrics(), HasSubstr("muster_host_labels_info{host=\"web1\",site=\"ams\",role=\"\","
                                   "environment=\"\",owner=\"network\"} 1\n"));
}

TEST_F(FleetScopeTest, AHostThatIsAddedAgainIsShownAndCountedWithItsNewLabels) {
  policy_.controls = {reporting("a", minutes(10))};
  policy_.labels = {{"rack", {}}};
  fleet_.set_policy(std::make_shared<policy::Policy>(policy_));
  fleet_.add_host(a_host(1, {{"site", "fra"}}));
  EXPECT_THAT(metrics(), HasSubstr("site=\"fra\""));
  fleet_.add_host(a_host(1, {{"site", "ams"}}));
  EXPECT_THAT(metrics(), HasSubstr("site=\"ams\""));
  EXPECT_EQ(counted(fleet_), counted_anew(fleet_));
}

TEST_F(FleetScopeTest, AWindowOfMaintenanceOpensAndClosesAtItsTime) {
  policy_.maintenance = {{.name = "move",
                          .match = by_label("site", "fra"),
                          .weekdays = 0,
                          .from = {},
                          .lasts = {},
                          .starts = kBegin + hours(1),
                          .ends = kBegin + hours(2),
                          .place = {}}};
  fleet_.set_policy(std::make_shared<policy::Policy>(policy_));
  fleet_.add_host(a_host(1, {{"site", "fra"}}));
  fleet_.add_host(a_host(2, {{"site", "ams"}}));
  const std::string series = "muster_host_maintenance{host=\"web1\",window=\"move\"} 1\n";
  EXPECT_THAT(metrics(), Not(HasSubstr(series)));
  // The policy has no control, so nothing else is due.
  EXPECT_EQ(fleet_.rejudge_due(), kBegin + hours(1));
  clock_.advance(hours(1));
  EXPECT_EQ(fleet_.rejudge_due(), kBegin + hours(2));
  EXPECT_THAT(metrics(), HasSubstr(series));
  EXPECT_THAT(metrics(), Not(HasSubstr("muster_host_maintenance{host=\"web2\"")));
  EXPECT_THAT(summary().maintenance(), ElementsAre("move"));
  clock_.advance(hours(1));
  EXPECT_EQ(fleet_.rejudge_due(), TimePoint::max());
  EXPECT_THAT(metrics(), Not(HasSubstr(series)));
  EXPECT_THAT(summary().maintenance(), IsEmpty());
}

TEST_F(FleetScopeTest, SelectorsWithoutHostsAreNamedWhereThereAreHosts) {
  policy_.controls = {reporting("a", minutes(10))};
  policy_.controls[0].applies_to = by_label("site", "fra");
  EXPECT_THAT(fleet_.selectors_without_hosts(policy_), IsEmpty());
  fleet_.add_host(a_host(1, {{"site", "ams"}}));
  ASSERT_EQ(fleet_.selectors_without_hosts(policy_).size(), 1U);
  EXPECT_EQ(fleet_.selectors_without_hosts(policy_)[0].of, "the control a");
  fleet_.add_host(a_host(2, {{"site", "fra"}}));
  EXPECT_THAT(fleet_.selectors_without_hosts(policy_), IsEmpty());
}

}  // namespace
}  // namespace muster::collector
