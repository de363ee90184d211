// Which hosts may look at targets, out of a fleet, and how large the share of each is.
#include "collector/service/target_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TargetServiceLookers : public testing::Test {
 protected:
  TargetServiceLookers() : fleet_(clock_, store_, std::make_shared<policy::Policy>()) {
    config_.agents = {{"role", {"monitor"}}};
  }

  void enrol(const std::string& name, const Labels& labels) {
    fleet_.add_host({.id = "id-" + name,
                     .name = name,
                     .labels = labels,
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }

  void set_standing(const std::string& name, Standing standing) {
    IdentityRecord identity = *fleet_.identity_of("id-" + name);
    identity.standing = standing;
    fleet_.set_identity("id-" + name, identity);
  }

  static LabelledHost a_host(const Labels& labels) {
    return {.id = "a", .name = "web1", .labels = labels, .own_targets = {}};
  }

  std::vector<Looker> lookers() const {
    return lookers_of(fleet_.hosts_with(config_.agents), config_);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Looker& looker : lookers())
      names.push_back(looker.host);
    return names;
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
  TargetsConfig config_;
};

TEST_F(TargetServiceLookers, AreTheHostsWithAllLabelsAndOneOfTheValuesOfEach) {
  enrol("both", {{"role", "monitor"}, {"site", "fra"}});
  enrol("other-site", {{"role", "monitor"}, {"site", "ber"}});
  enrol("third-site", {{"role", "monitor"}, {"site", "ams"}});
  enrol("no-site", {{"role", "monitor"}});
  enrol("web", {{"role", "web"}, {"site", "fra"}});
  enrol("nothing", {});
  config_.agents = {{"role", {"monitor"}}, {"site", {"fra", "ber"}}};
  EXPECT_THAT(names(), UnorderedElementsAre("both", "other-site"));
  EXPECT_EQ(lookers().size(), 2U);
}

TEST_F(TargetServiceLookers, AreNoneWhereNoLabelsAreConfigured) {
  enrol("any", {{"role", "monitor"}});
  config_.agents = {};
  EXPECT_THAT(lookers(), IsEmpty());
}

TEST_F(TargetServiceLookers, AreChosenByTheInventorysLabelsOverThoseOfTheToken) {
  enrol("made-one", {{"role", "web"}});
  enrol("no-more", {{"role", "monitor"}});
  const uint64_t before = fleet_.scope_changes();
  fleet_.set_inventory(std::make_shared<const Inventory>(
      Inventory::Hosts{{"made-one", {{"role", "monitor"}, {"site", "fra"}, {"weight", "3"}}},
                       {"no-more", {{"role", "web"}}}}));
  EXPECT_THAT(lookers(),
              ElementsAre(Looker{
                  .host_id = "id-made-one", .host = "made-one", .weight = 3, .site = "fra"}));
  // By which the service knows that it has to look again.
  EXPECT_NE(fleet_.scope_changes(), before);
}

TEST_F(TargetServiceLookers, AreNotThoseThatMayNotReport) {
  enrol("active", {{"role", "monitor"}});
  enrol("quarantined", {{"role", "monitor"}});
  enrol("revoked", {{"role", "monitor"}});
  const uint64_t before = fleet_.scope_changes();
  set_standing("quarantined", Standing::kQuarantined);
  set_standing("revoked", Standing::kRevoked);
  EXPECT_THAT(names(), ElementsAre("active"));
  EXPECT_NE(fleet_.scope_changes(), before);
  set_standing("quarantined", Standing::kActive);
  EXPECT_THAT(names(), UnorderedElementsAre("active", "quarantined"));
}

TEST_F(TargetServiceLookers, HaveAWeightOfOneWhereTheLabelIsNoNumberFromOneToAHundred) {
  struct Case {
    std::string label;
    double weight;
  };
  for (const Case& c :
       {Case{"1", 1}, Case{"100", 100}, Case{"3", 3}, Case{"101", 1}, Case{"0", 1}, Case{"-5", 1},
        Case{"2.5", 1}, Case{"heavy", 1}, Case{"", 1}, Case{"99999999999999999999", 1}}) {
    const std::vector<Looker> lookers = lookers_of({a_host({{"weight", c.label}})}, config_);
    ASSERT_EQ(lookers.size(), 1U);
    EXPECT_EQ(lookers[0].weight, c.weight) << c.label;
  }
  EXPECT_EQ(lookers_of({a_host({})}, config_)[0].weight, 1) << "without a label";
}

TEST_F(TargetServiceLookers, HaveSiteAndWeightByTheLabelsThatAreConfigured) {
  const LabelledHost host =
      a_host({{"site", "fra"}, {"weight", "2"}, {"zone", "north"}, {"share", "7"}});
  EXPECT_EQ(lookers_of({host}, config_)[0].site, "fra");
  config_.site_label = "zone";
  config_.weight_label = "share";
  EXPECT_THAT(lookers_of({host}, config_),
              ElementsAre(Looker{.host_id = "a", .host = "web1", .weight = 7, .site = "north"}));
  config_.site_label = "absent";
  EXPECT_EQ(lookers_of({host}, config_)[0].site, "");
}

TEST_F(TargetServiceLookers, AreDescribedByTheirLabelsForPeople) {
  EXPECT_EQ(describe_agents(config_), "role=monitor");
  config_.agents = {{"role", {"monitor"}}, {"site", {"fra", "ber"}}};
  EXPECT_EQ(describe_agents(config_), "role=monitor site=fra|ber");
  config_.agents = {};
  EXPECT_EQ(describe_agents(config_), "");
}

}  // namespace
}  // namespace muster::collector
