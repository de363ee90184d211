// What is kept of a host's metrics between scrapes, against rendering everything anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/fleet/fleet.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using exposition::Format;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr unsigned kHosts = 3;
constexpr unsigned kSteps = 60;

std::shared_ptr<const policy::Policy> a_policy(minutes silent_after) {
  policy::Policy policy;
  policy.controls.push_back({.id = "lists",
                             .title = "Package lists are fresh",
                             .rule = "package_lists_fresh",
                             .max_age = minutes(40)});
  policy.controls.push_back({.id = "reporting",
                             .title = "The host reports",
                             .rule = "host_reporting",
                             .parameters = {{"silent_after", Duration(silent_after)}}});
  // Whose a host is depends on its system, and what is done to it on its labels.
  policy.labels = {{"site", {}}, {"rack", {}}};
  policy::Owner owner{.team = "small", .match = {}, .contact = "", .escalation = "", .place = {}};
  owner.match.os = {"alpine"};
  policy.owners.push_back(owner);
  for (const char* site : {"fra", "ams"}) {
    policy::MaintenanceWindow window;
    window.name = site;
    window.match.labels = {{"site", {site}}};
    window.starts = TimePoint(seconds(1'800'000'000)) + silent_after;
    window.ends = window.starts + 3 * silent_after;
    policy.maintenance.push_back(window);
  }
  return std::make_shared<policy::Policy>(policy);
}

std::string id_of(unsigned host) {
  return "id-" + std::to_string(host);
}

// Does the same to two fleets, of which one is scraped all the time and the other never.
class Twins {
 public:
  explicit Twins(unsigned seed, size_t series_budget = exposition::kUsualSeriesBudget)
      : random_(seed), series_budget_(series_budget) {
    for (unsigned host = 0; host < kHosts; ++host) {
      for (Fleet* fleet : {&scraped_, &untouched_}) {
        fleet->add_host({.id = id_of(host),
                         .name = "web" + std::to_string(host),
                         .labels = {},
                         .machine_id_hash = {},
                         .enrolled_at = clock_.now(),
                         .last_sync_at = std::nullopt});
      }
    }
  }

  void step() {
    clock_.advance(seconds(draw(0, 400)));
    switch (draw(0, 9)) {
      case 0:
        for (Fleet* fleet : {&scraped_, &untouched_})
          fleet->rejudge_due();
        break;
      case 1: {
        const auto policy = a_policy(minutes(draw(5, 20)));
        for (Fleet* fleet : {&scraped_, &untouched_})
          fleet->set_policy(policy);
        break;
      }
      case 2: {
        Inventory::Hosts hosts;
        hosts["web" + std::to_string(draw(0, kHosts - 1))] = {
            {"site", draw(0, 1) == 0 ? "fra" : "ams"}, {"rack", std::to_string(draw(0, 1))}};
        const auto inventory = std::make_shared<const Inventory>(hosts);
        for (Fleet* fleet : {&scraped_, &untouched_})
          fleet->set_inventory(inventory);
        break;
      }
      default:
        report(draw(0, kHosts - 1));
    }
    (void)scraped_.render_metrics(Format::kPrometheusText);
  }

  std::string scraped() const { return scraped_.render_metrics(Format::kOpenMetrics); }
  std::string untouched() const { return untouched_.render_metrics(Format::kOpenMetrics); }
  Renderings renderings() const { return scraped_.renderings(); }

 private:
  unsigned draw(unsigned least, unsigned most) {
    return std::uniform_int_distribution<unsigned>(least, most)(random_);
  }

  void report(unsigned host) {
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now() - seconds(draw(0, 3)));
    v1::HostFacts host_facts;
    // Mostly what it said before.
    host_facts.set_os_id(draw(0, 9) == 0 ? "alpine" : "debian");
    add(request, host, "host", "muster.v1.HostFacts", host_facts.SerializeAsString());
    v1::PackageFacts package_facts;
    package_facts.set_manager("apt");
    package_facts.set_lists_present(true);
    package_facts.set_installed(draw(0, 9) == 0 ? 501 : 500);
    *package_facts.mutable_lists_updated_at() = to_proto(TimePoint(seconds(1'799'999'000)));
    add(request, host, "packages-apt", "muster.v1.PackageFacts", package_facts.SerializeAsString());
    v1::SectionVersion& agent = add(request, host, "agent", "muster.v1.AgentFacts", "");
    v1::Measurement& measurement = *agent.add_measurements();
    measurement.set_name("outbox_entries");
    measurement.set_value(draw(0, 5));
    for (Fleet* fleet : {&scraped_, &untouched_}) {
      const auto plan = fleet->plan_sync(id_of(host), request);
      ASSERT_TRUE(plan.ok()) << plan.status();
      fleet->apply_sync(*plan, request);
    }
  }

  v1::SectionVersion& add(v1::SyncRequest& request, unsigned host, const std::string& probe,
                          const std::string& type, const std::string& facts) {
    // A failed look now and then; a new sequence when something changed.
    const bool has_failed = draw(0, 19) == 0;
    auto& [last, sequence] = sent_[{host, probe}];
    const std::string content = has_failed ? "failed" : "observed " + facts;
    if (content != last) ++sequence;
    last = content;
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(probe);
    version.set_sequence(sequence);
    version.set_outcome(has_failed ? v1::OUTCOME_FAILED : v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = request.sent_at();
    if (!has_failed) {
      version.set_facts_type(type);
      version.set_digest(sha256(facts));
      version.set_facts(facts);
    }
    return version;
  }

  std::mt19937 random_;
  FakeClock clock_;
  FakeStore store_;
  const size_t series_budget_;
  Fleet scraped_{clock_, store_, a_policy(minutes(10)), series_budget_};
  Fleet untouched_{clock_, store_, a_policy(minutes(10)), series_budget_};
  // What was last said of a host's probe, and its sequence.
  std::map<std::pair<unsigned, std::string>, std::pair<std::string, uint64_t>> sent_;
};

TEST(FleetRendering, IsTheSameAfterAnyReportsAsRenderingEverythingAnew) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    // Every third has hosts with more series than they may have.
    Twins twins(seed, seed % 3 == 0 ? 10 : exposition::kUsualSeriesBudget);
    for (unsigned step = 0; step < 1 + seed % kSteps; ++step)
      twins.step();
    ASSERT_EQ(twins.scraped(), twins.untouched()) << "seed " << seed;
  }
}

TEST(FleetRendering, SaysHowManySeriesWereCut) {
  Twins twins(7, 10);
  for (unsigned step = 0; step < kSteps; ++step)
    twins.step();
  EXPECT_THAT(twins.scraped(),
              testing::ContainsRegex("muster_host_series_cut[{]host=\"web[0-2]\"[}] [1-9]"));
}

TEST(FleetRendering, LeavesWhatIsSettledAlone) {
  Twins twins(7);
  for (unsigned step = 0; step < kSteps; ++step)
    twins.step();
  EXPECT_LT(twins.renderings().settled, twins.renderings().moving);
}

}  // namespace
}  // namespace muster::collector
