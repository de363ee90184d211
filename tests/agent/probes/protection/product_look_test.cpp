#include "agent/probes/protection/product_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/timestamp.h"

namespace muster::protection {
namespace {

std::optional<v1::ProtectionProduct> read_nothing(const ProductLook& look) {
  for (int i = 0; i < 30; ++i)
    look.problems.push_back("nothing: " + std::string(1000, 'x'));
  return std::nullopt;
}

std::optional<v1::ProtectionProduct> read_something(const ProductLook& look) {
  v1::ProtectionProduct product;
  product.set_version(look.root + "\n" + std::string(1000, 'v'));
  return product;
}

constexpr ProductRow kRows[] = {{"zeta", "Zeta", read_something},
                                {"nothing", "Nothing", read_nothing},
                                {"alpha", "Alpha", read_something}};

v1::AntivirusFacts look(std::span<const ProductRow> rows) {
  const v1::Section section = look_at_products<v1::AntivirusFacts>(
      "/mnt", rows, probe::HostAnswers("a test"), *parse_iso_date("2026-11-22"));
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_EQ(section.facts_type(), "muster.v1.AntivirusFacts");
  v1::AntivirusFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

TEST(ProductLook, GathersWhatIsInstalledInOrderAndBounded) {
  const v1::AntivirusFacts facts = look(kRows);
  ASSERT_EQ(facts.products_size(), 2);
  EXPECT_EQ(facts.products(0).product(), "alpha");
  EXPECT_EQ(facts.products(0).name(), "Alpha");
  EXPECT_EQ(facts.products(1).product(), "zeta");
  EXPECT_EQ(facts.products(1).version().size(), 256);
  EXPECT_EQ(facts.problems_size(), 20);
  EXPECT_EQ(facts.problems(0).size(), 256);
}

TEST(ProductLook, NoneInstalledIsObservedAndEmpty) {
  const v1::AntivirusFacts facts = look({});
  EXPECT_EQ(facts.products_size(), 0);
  EXPECT_EQ(facts.problems_size(), 0);
}

}  // namespace
}  // namespace muster::protection
