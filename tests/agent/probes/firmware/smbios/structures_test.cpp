#include "agent/probes/firmware/smbios/structures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::smbios {
namespace {

using test::StructureBuilder;

const std::string bios = StructureBuilder(0, 0x12, 0).text(0x05, "1.0").build();
const std::string system = StructureBuilder(1, 0x08, 1).text(0x04, "ACME").build();

std::vector<int> types_of(const StructureList& list) {
  std::vector<int> types;
  for (const Structure& each : list.structures)
    types.push_back(each.type());
  return types;
}

TEST(Structures, GoToTheEndOfTheTable) {
  const std::string table = bios + test::end_of_table() + system;
  const StructureList list = split_table(table);
  EXPECT_EQ(types_of(list), (std::vector<int>{0, 127}));
  EXPECT_EQ(list.cut_short, "");
}

TEST(Structures, ThatAreCountedMayStandBehindTheEnd) {
  const std::string table = bios + test::end_of_table() + system;
  const StructureList list = split_table(table, 3);
  EXPECT_EQ(types_of(list), (std::vector<int>{0, 127, 1}));
  EXPECT_EQ(list.cut_short, "");
}

TEST(Structures, ThatAreCountedNeedNoEndAndHavePaddingBehindThem) {
  for (const size_t padding : {0, 1, 3, 4, 16}) {
    const std::string table = bios + system + std::string(padding, '\0');
    const StructureList list = split_table(table, 2);
    EXPECT_EQ(types_of(list), (std::vector<int>{0, 1})) << padding;
    EXPECT_EQ(list.cut_short, "") << padding;
  }
}

// Firmware that counts wrong is no table that was cut: its end is there.
TEST(Structures, AreNotMissedBehindAnEndThatIsThere) {
  for (const std::string& padding :
       {std::string(), std::string(2, '\0'), std::string(16, '\0'), std::string("\x01\x40", 2)}) {
    const std::string table = bios + test::end_of_table() + padding;
    const StructureList list = split_table(table, 9);
    EXPECT_EQ(types_of(list), (std::vector<int>{0, 127}));
    EXPECT_EQ(list.cut_short, "");
  }
}

TEST(Structures, OfATableThatWasCutBetweenTwoAreMissed) {
  EXPECT_EQ(split_table("").cut_short, "the SMBIOS table has no end-of-table structure");
  const std::string table = bios + system;
  EXPECT_EQ(split_table(table).cut_short, "the SMBIOS table has no end-of-table structure");
  EXPECT_EQ(types_of(split_table(table)), (std::vector<int>{0, 1}));
  EXPECT_EQ(split_table(table, 4).cut_short,
            "the SMBIOS table has 2 of the 4 structures that its entry point counts");
}

}  // namespace
}  // namespace muster::smbios
