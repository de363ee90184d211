#include "collector/inventory/held_inventory.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

const InventorySource source{.name = "/etc/a b.csv", .file = "/etc/a b.csv"};
const TimePoint noon{std::chrono::seconds(1'800'000'000)};

TEST(HeldInventory, ComesBackAsItWasHeld) {
  const test::TemporaryDirectory directory;
  const std::string path = held_inventory_path(directory.path(), source);
  EXPECT_EQ(read_held_inventory(path, source).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(hold_inventory(path, source, {.text = "host\nweb1\n", .loaded_at = noon}).ok());
  const auto held = read_held_inventory(path, source);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->text, "host\nweb1\n");
  EXPECT_EQ(held->loaded_at, noon);
}

TEST(HeldInventory, IsReadBackStrictly) {
  const test::TemporaryDirectory directory;
  for (const std::string& content :
       {std::string(), std::string("host\nweb1\n"),
        std::string("muster-inventory 1 5 other\nhost\n"),
        std::string("muster-inventory 2 5 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 x /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 -5 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 99999999999999999 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 5 /etc/a b.csv")}) {
    const std::string path = directory.write("held", content);
    const absl::Status status = read_held_inventory(path, source).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << content;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
  const std::string path = directory.write("held", std::string(kInventoryBytes + 8193, 'x'));
  EXPECT_EQ(read_held_inventory(path, source).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(HeldInventory, OfASourceThatIsNoMoreGoes) {
  const test::TemporaryDirectory directory;
  const std::string ours = held_inventory_path(directory.path(), source);
  const std::string others = directory.write("inventory-0123456789abcdef", "x");
  const std::string not_held = directory.write("inventory-of-the-site.yml", "x");
  ASSERT_TRUE(hold_inventory(ours, source, {}).ok());
  remove_other_inventories(directory.path(), {source});
  EXPECT_TRUE(std::filesystem::exists(ours));
  EXPECT_FALSE(std::filesystem::exists(others));
  EXPECT_TRUE(std::filesystem::exists(not_held));
}

}  // namespace
}  // namespace muster::collector
