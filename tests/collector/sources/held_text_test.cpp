#include "collector/sources/held_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "collector/sources/source_text.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

const std::string source = "/etc/a b.csv";
const TimePoint noon{std::chrono::seconds(1'800'000'000)};

TEST(HeldText, ComesBackAsItWasHeld) {
  const test::TemporaryDirectory directory;
  const HeldTexts texts(directory.path(), "inventory");
  EXPECT_EQ(texts.read(source).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(texts.hold(source, {.text = "host\nweb1\n", .loaded_at = noon}).ok());
  const auto held = texts.read(source);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->text, "host\nweb1\n");
  EXPECT_EQ(held->loaded_at, noon);
}

TEST(HeldText, IsReadBackStrictly) {
  const test::TemporaryDirectory directory;
  const HeldTexts texts(directory.path(), "inventory");
  const std::string name = std::filesystem::path(texts.path(source)).filename();
  for (const std::string& content :
       {std::string(), std::string("host\nweb1\n"),
        std::string("muster-inventory 1 5 other\nhost\n"),
        std::string("muster-inventory 2 5 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 x /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 -5 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 99999999999999999 /etc/a b.csv\nhost\n"),
        std::string("muster-inventory 1 5 /etc/a b.csv")}) {
    const std::string path = directory.write(name, content);
    const absl::Status status = texts.read(source).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << content;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  }
  directory.write(name, std::string(kSourceBytes + 8193, 'x'));
  EXPECT_EQ(texts.read(source).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(HeldText, OfASourceThatIsNoMoreGoes) {
  const test::TemporaryDirectory directory;
  const HeldTexts texts(directory.path(), "inventory");
  const std::string ours = texts.path(source);
  const std::string others = directory.write("inventory-0123456789abcdef", "x");
  const std::string not_held = directory.write("inventory-of-the-site.yml", "x");
  ASSERT_TRUE(texts.hold(source, {}).ok());
  texts.remove_others({source});
  EXPECT_TRUE(std::filesystem::exists(ours));
  EXPECT_FALSE(std::filesystem::exists(others));
  EXPECT_TRUE(std::filesystem::exists(not_held));
}

}  // namespace
}  // namespace muster::collector
