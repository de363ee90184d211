// Labels of hosts: the token's, and over them the inventory's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/fleet/fleet.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

class FleetLabels : public testing::Test {
 protected:
  FleetLabels() : fleet_(clock_, store_, std::make_shared<policy::Policy>()) {}

  void enrol(const std::string& id, const std::string& name, const Labels& labels) {
    fleet_.add_host({.id = id,
                     .name = name,
                     .labels = labels,
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }

  void set_inventory(Inventory::Hosts hosts) {
    fleet_.set_inventory(std::make_shared<const Inventory>(std::move(hosts)));
  }

  Labels labels_of(const std::string& id) const {
    const std::optional<v1::HostSummary> summary = fleet_.host_summary(id);
    return {summary->labels().begin(), summary->labels().end()};
  }

  std::vector<std::string> missing() const {
    return fleet_.compare_with(*fleet_.inventory()).missing;
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
};

TEST_F(FleetLabels, AreTheTokensWithoutAnInventory) {
  enrol(web1_id, "web1", {{"site", "fra"}});
  EXPECT_EQ(labels_of(web1_id), (Labels{{"site", "fra"}}));
  EXPECT_EQ(fleet_.counts().listed, 0);
  EXPECT_THAT(missing(), IsEmpty());
}

TEST_F(FleetLabels, OfTheInventoryWinOneByOne) {
  enrol(web1_id, "web1", {{"site", "fra"}, {"role", "web"}});
  set_inventory({{"web1", {{"site", "ams"}, {"owner", "ops"}}}});
  EXPECT_EQ(labels_of(web1_id), (Labels{{"owner", "ops"}, {"role", "web"}, {"site", "ams"}}));
  set_inventory({});
  EXPECT_EQ(labels_of(web1_id), (Labels{{"role", "web"}, {"site", "fra"}}));
}

TEST_F(FleetLabels, AreThoseOfTheNewNameAfterARename) {
  enrol(web1_id, "web1", {});
  set_inventory({{"web1", {{"role", "web"}}}, {"db1", {{"role", "db"}}}});
  EXPECT_THAT(missing(), ElementsAre("db1"));
  fleet_.rename_host(web1_id, "db1");
  EXPECT_EQ(labels_of(web1_id), (Labels{{"role", "db"}}));
  EXPECT_THAT(missing(), ElementsAre("web1"));
  fleet_.rename_host(web1_id, "other");
  EXPECT_THAT(labels_of(web1_id), IsEmpty());
  EXPECT_EQ(fleet_.counts().listed, 0);
  EXPECT_THAT(fleet_.compare_with(*fleet_.inventory()).unlisted, ElementsAre("other"));
}

TEST_F(FleetLabels, OfANewHostAreTheInventorysAtOnce) {
  set_inventory({{"web1", {{"site", "fra"}}}});
  enrol(web1_id, "web1", {{"site", "ams"}});
  EXPECT_EQ(labels_of(web1_id), (Labels{{"site", "fra"}}));
  EXPECT_EQ(fleet_.counts().listed, 1);
}

TEST_F(FleetLabels, AHostThatGoesIsMissingAgain) {
  set_inventory({{"web1", {}}});
  enrol(web1_id, "web1", {});
  EXPECT_THAT(missing(), IsEmpty());
  fleet_.remove_host(web1_id);
  EXPECT_THAT(missing(), ElementsAre("web1"));
  EXPECT_EQ(fleet_.counts().listed, 0);
}

}  // namespace
}  // namespace muster::collector
