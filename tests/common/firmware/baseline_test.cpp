#include "common/firmware/baseline.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

namespace muster::firmware {
namespace {

v1::FirmwareComponent r640() {
  v1::FirmwareComponent component;
  component.set_kind(v1::FIRMWARE_KIND_SYSTEM);
  component.set_vendor("Dell Inc.");
  component.set_model("PowerEdge R640");
  return component;
}

BaselineEntry entry(const std::string& id, const std::string& vendor,
                    const std::vector<std::string>& models, const std::string& minimum = "1.0.0") {
  return {.id = id,
          .match = {.kind = v1::FIRMWARE_KIND_SYSTEM, .vendor = vendor, .models = models},
          .format = VersionFormat::kTriplet,
          .minimum = minimum};
}

TEST(Baseline, TakesTheEntryThatSaysMostOfTheComponent) {
  const std::vector<BaselineEntry> all = {
      entry("any", "", {}),
      entry("dell", "Dell Inc.", {}),
      entry("dells", "Dell*", {}),
      entry("r6", "", {"PowerEdge R6*"}),
      entry("r64", "", {"PowerEdge R64*", "PowerEdge R74*"}),
      entry("r64-of-dell", "Dell Inc.", {"PowerEdge R64*"}),
      entry("r640", "", {"PowerEdge R640"}),
      entry("r640-of-dell", "Dell*", {"PowerEdge R640"}),
      entry("others", "HPE", {"PowerEdge R640"}),
  };
  const char* const from_least_to_most[] = {"any", "dells",       "dell", "r6",
                                            "r64", "r64-of-dell", "r640", "r640-of-dell"};
  Baseline baseline{.entries = all};
  for (size_t i = std::size(from_least_to_most); i > 0; --i) {
    const BaselineEntry* const found = find_entry(baseline, r640());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->id, from_least_to_most[i - 1]);
    std::erase_if(baseline.entries, [&](const auto& one) { return one.id == found->id; });
  }
  EXPECT_EQ(find_entry(baseline, r640()), nullptr);
}

TEST(Baseline, ContradictsItselfWhereNoEntrySaysMoreThanTheOther) {
  const auto second_of = [](const BaselineEntry& a, const BaselineEntry& b) {
    const std::vector<BaselineEntry> both{a, b};
    return !contradictions(both).empty();
  };
  EXPECT_TRUE(second_of(entry("a", "", {}), entry("b", "", {}, "2.0.0")));
  EXPECT_TRUE(second_of(entry("a", "", {"R640"}), entry("b", "", {"R650", "R640"}, "2.0.0")));
  EXPECT_TRUE(second_of(entry("a", "", {"R6*0"}), entry("b", "", {"R*40"}, "2.0.0")));
  EXPECT_TRUE(second_of(entry("a", "Dell*", {"R640"}), entry("b", "*Inc.", {"R640"}, "2.0.0")));
}

TEST(Baseline, DoesNotContradictItselfWhereOneSaysMoreOrBothAskForTheSame) {
  const auto none = [](const BaselineEntry& a, const BaselineEntry& b) {
    const std::vector<BaselineEntry> both{a, b};
    return contradictions(both).empty();
  };
  BaselineEntry other_kind = entry("b", "", {"R640"}, "2.0.0");
  other_kind.match.kind = v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER;
  EXPECT_TRUE(none(entry("a", "", {"R640"}), other_kind));
  EXPECT_TRUE(none(entry("a", "", {"R640"}), entry("b", "", {"R640"})));
  EXPECT_TRUE(none(entry("a", "", {"R640"}), entry("b", "", {"R650"}, "2.0.0")));
  EXPECT_TRUE(none(entry("a", "", {"R640"}), entry("b", "", {"R6*"}, "2.0.0")));
  EXPECT_TRUE(none(entry("a", "", {"R640"}), entry("b", "Dell*", {"R640"}, "2.0.0")));
  EXPECT_TRUE(none(entry("a", "Dell*", {"R640"}), entry("b", "*Inc", {"R640"}, "2.0.0")))
      << "the first has more letters of its own";
  EXPECT_TRUE(none(entry("a", "HPE", {"R640"}), entry("b", "Dell", {"R640"}, "2.0.0")));
}

TEST(Baseline, HasANameForEveryKindThatIsSent) {
  const auto* const kinds = v1::FirmwareKind_descriptor();
  EXPECT_EQ(kind_names().size() + 1, static_cast<size_t>(kinds->value_count()));
  for (int i = 0; i < kinds->value_count(); ++i) {
    const auto kind = static_cast<v1::FirmwareKind>(kinds->value(i)->number());
    if (kind != v1::FIRMWARE_KIND_UNSPECIFIED) EXPECT_EQ(parse_kind(kind_name(kind)), kind);
  }
  EXPECT_EQ(parse_kind("dimm"), v1::FIRMWARE_KIND_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::firmware
