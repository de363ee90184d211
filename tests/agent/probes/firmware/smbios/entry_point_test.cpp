#include "agent/probes/firmware/smbios/entry_point.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/probes/firmware/smbios/smbios.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::smbios {
namespace {

const std::string table = test::end_of_table();

TEST(EntryPoint, Of64BitTellsVersionAndTable) {
  const auto entry = parse_entry_point(test::dump_of(table, 3, 7));
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->version, (Version{3, 7}));
  EXPECT_EQ(entry->table_length, table.size());
  EXPECT_EQ(entry->table_address, 0x20u);
  EXPECT_EQ(entry->structure_count, std::nullopt);
}

TEST(EntryPoint, Of32BitTellsThemToo) {
  const std::string dump = test::dump_32_of(table, 2, 8, 300);
  const auto entry = parse_entry_point(dump);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->version, (Version{2, 8}));
  EXPECT_EQ(entry->table_length, table.size());
  EXPECT_EQ(entry->structure_count, 300);
  // Of DMI 2.0 there was the second half alone.
  const auto legacy = parse_entry_point(dump.substr(0x10));
  ASSERT_TRUE(legacy.ok()) << legacy.status();
  EXPECT_EQ(legacy->version, (Version{2, 8}));
  EXPECT_EQ(legacy->structure_count, 300);
  EXPECT_EQ(parse_entry_point(test::dump_32_of(table))->structure_count, std::nullopt);
}

TEST(EntryPoint, OfVersion21MaySayThatItIsAByteShorter) {
  std::string dump = test::dump_32_of(table, 2, 1);
  dump[5] = 0x1e;
  test::set_checksum(dump, 4, 0, 0x1e);
  const auto entry = parse_entry_point(dump);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->version, (Version{2, 1}));
}

TEST(EntryPoint, OfAVersionThatNoSpecificationHasIsTheOneThatWasMeant) {
  EXPECT_EQ(parse_entry_point(test::dump_32_of(table, 2, 0x1f))->version, (Version{2, 3}));
  EXPECT_EQ(parse_entry_point(test::dump_32_of(table, 2, 0x33))->version, (Version{2, 6}));
}

TEST(EntryPoint, ThatIsNoneIsRefusedWithAReason) {
  const std::string wide = test::dump_of(table).substr(0, 32);
  const std::string narrow = test::dump_32_of(table).substr(0, 32);
  const auto damaged = [](std::string bytes, size_t at) {
    bytes[at] = static_cast<char>(bytes[at] + 1);
    return bytes;
  };
  const struct {
    std::string bytes;
    std::string_view why;
  } cases[] = {
      {"", "this is no SMBIOS entry point"},
      {"_SM3_", "the SMBIOS entry point is cut short"},
      {"SMBIOS", "this is no SMBIOS entry point"},
      {wide.substr(0, 0x17), "the SMBIOS entry point is cut short"},
      {narrow.substr(0, 0x1e), "the SMBIOS entry point is cut short"},
      {narrow.substr(0x10, 0x0e), "the SMBIOS entry point is cut short"},
      {damaged(wide, 0x07), "the SMBIOS entry point has a wrong checksum"},
      {damaged(wide, 0x06), "the SMBIOS entry point has a wrong checksum"},
      {damaged(narrow, 0x07), "the SMBIOS entry point has a wrong checksum"},
      {damaged(narrow.substr(0x10), 0x06), "the SMBIOS entry point has a wrong checksum"},
  };
  for (const auto& [bytes, why] : cases) {
    const auto entry = parse_entry_point(bytes);
    EXPECT_TRUE(absl::IsInvalidArgument(entry.status())) << why;
    EXPECT_EQ(std::string(entry.status().message()), why);
  }
}

TEST(Dump, IsReadNoFurtherThanItsTable) {
  const std::string bios = test::StructureBuilder(0, 0x12, 0).text(0x05, "1.0").build();
  const std::string whole = bios + test::end_of_table();
  EXPECT_EQ(parse_dump(test::dump_32_of(whole))->cut_short, "");
  // What follows is of no table.
  const std::string longer = test::dump_32_of(bios) + test::end_of_table();
  EXPECT_EQ(parse_dump(longer)->cut_short, "the SMBIOS table has no end-of-table structure");
}

TEST(Dump, WhoseTableIsOutsideOfTheFileIsRefused) {
  std::string dump = test::dump_of(table);
  dump[0x11] = 1;
  test::set_checksum(dump, 5, 0, 0x18);
  EXPECT_EQ(std::string(parse_dump(dump).status().message()),
            "the SMBIOS table is outside of the file");
}

}  // namespace
}  // namespace muster::smbios
