#include "collector/inventory/inventory.h"

#include <gtest/gtest.h>

namespace muster::collector {
namespace {

TEST(Inventory, TakesTheLabelsOfLaterSourcesOneByOne) {
  Inventory inventory({{"web1", {{"site", "fra"}, {"role", "web"}}}, {"db1", {}}});
  inventory.put_over(Inventory({{"web1", {{"site", "ams"}}}, {"mail1", {{"role", "mail"}}}}));
  EXPECT_EQ(inventory.hosts(), (Inventory::Hosts{{"db1", {}},
                                                 {"mail1", {{"role", "mail"}}},
                                                 {"web1", {{"role", "web"}, {"site", "ams"}}}}));
}

TEST(Inventory, LiesOverTheLabelsOfTheToken) {
  const Inventory inventory({{"web1", {{"site", "ams"}}}});
  const Labels of_token = {{"role", "web"}, {"site", "fra"}};
  EXPECT_EQ(effective_labels(of_token, inventory, "web1"),
            (Labels{{"role", "web"}, {"site", "ams"}}));
  EXPECT_EQ(effective_labels(of_token, inventory, "web2"), of_token);
}

}  // namespace
}  // namespace muster::collector
