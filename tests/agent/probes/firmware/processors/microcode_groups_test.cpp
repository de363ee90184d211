#include "agent/probes/firmware/processors/microcode_groups.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace muster::firmware {
namespace {

std::string processor(uint32_t index, std::string_view revision, uint32_t stepping = 7) {
  return fmt::format(
      "processor\t: {}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
      "model name\t: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz\nstepping\t: {}\nmicrocode\t: {}\n\n",
      index, stepping, revision);
}

TEST(MicrocodeGroups, OfAMachineThatWasUpdatedAsAWholeAreOne) {
  const auto groups = parse_microcode_groups(processor(0, "0x5003604") + processor(1, "0x5003604"));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].vendor, "GenuineIntel");
  EXPECT_EQ(groups[0].model_name, "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz");
  EXPECT_EQ(groups[0].kind, "06-55-07");
  EXPECT_EQ(groups[0].revision, 0x5003604u);
  EXPECT_EQ(groups[0].processors, "0-1");
  EXPECT_EQ(groups[0].count, 2u);
  EXPECT_FALSE(has_mixed_microcode(groups));
}

TEST(MicrocodeGroups, OfTwoSocketsThatRunDifferentRevisionsNameTheProcessors) {
  std::string text;
  for (uint32_t index = 0; index < 8; ++index)
    text += processor(index, index % 4 < 2 ? "0x5003604" : "0x5003303");
  const auto groups = parse_microcode_groups(text);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].revision, 0x5003303u);
  EXPECT_EQ(groups[0].processors, "2-3,6-7");
  EXPECT_EQ(groups[1].revision, 0x5003604u);
  EXPECT_EQ(groups[1].processors, "0-1,4-5");
  EXPECT_TRUE(has_mixed_microcode(groups));
}

TEST(MicrocodeGroups, OfDifferentKindsOfProcessorsAreNotMixed) {
  const auto groups =
      parse_microcode_groups(processor(0, "0x5003604", 7) + processor(1, "0x2006e05", 4));
  EXPECT_EQ(groups.size(), 2u);
  EXPECT_FALSE(has_mixed_microcode(groups));
}

TEST(MicrocodeGroups, AreNoneWhereTheKernelTellsNoRevision) {
  for (const std::string& text :
       {std::string(),
        std::string("processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\n"),  // arm64
        processor(0, "0x0"), processor(0, "0x"), processor(0, "0x100000000"), processor(0, "-1"),
        std::string("processor\t: x\nmicrocode\t: 0x1\n"),
        std::string("microcode\t: 0x1\ncpu family\t: 6\nmodel\t: 1\nstepping\t: 1\n")}) {
    EXPECT_TRUE(parse_microcode_groups(text).empty()) << text;
  }
}

TEST(MicrocodeGroups, EndWithTheMostProcessorsThatLinuxHas) {
  EXPECT_EQ(parse_microcode_groups(processor(kMostProcessors - 1, "0x1")).size(), 1u);
  EXPECT_TRUE(parse_microcode_groups(processor(kMostProcessors, "0x1")).empty());
}

}  // namespace
}  // namespace muster::firmware
