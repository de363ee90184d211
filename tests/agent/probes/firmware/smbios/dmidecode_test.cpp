#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/firmware/smbios/dmidecode_comparison.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::smbios {
namespace {

using test::StructureBuilder;

TEST(Dmidecode, TellsTheSameOfAServer) {
  EXPECT_GT(test::expect_as_dmidecode(test::dump_of(test::server_table())), 80u);
}

TEST(Dmidecode, TellsTheSameOfADesktopOfVersion24) {
  const std::string table = StructureBuilder(0, 0x18, 0)
                                .text(0x04, "Award Software International, Inc.")
                                .text(0x05, "F7")
                                .text(0x08, "05/26/09")
                                .number<uint8_t>(0x14, 255)
                                .number<uint8_t>(0x15, 255)
                                .build() +
                            StructureBuilder(1, 0x1b, 1)
                                .text(0x04, "Gigabyte Technology Co., Ltd.")
                                .text(0x05, "EP45-DS3")
                                .bytes(0x08, std::string_view("\x01\x02\x03\x04\x05\x06\x07\x08"
                                                              "\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10",
                                                              16))
                                .build() +
                            StructureBuilder(4, 0x23, 4)
                                .text(0x04, "Socket 775")
                                .number<uint8_t>(0x05, 3)
                                .text(0x07, "Intel")
                                .number<uint16_t>(0x14, 4000)
                                .number<uint8_t>(0x18, 0x41)
                                .build() +
                            StructureBuilder(17, 0x1b, 0x11)
                                .number<uint16_t>(0x0c, 2048)
                                .number<uint8_t>(0x0e, 9)
                                .number<uint8_t>(0x12, 0x13)
                                .number<uint16_t>(0x15, 800)
                                .text(0x10, "A0")
                                .build() +
                            test::end_of_table();
  EXPECT_GT(test::expect_as_dmidecode(test::dump_32_of(table, 2, 4)), 20u);
}

TEST(Dmidecode, ReadsBehindTheEndOfATableWhoseStructuresAreCounted) {
  const std::string table = StructureBuilder(0, 0x18, 0).text(0x05, "F7").build() +
                            test::end_of_table() +
                            StructureBuilder(43, 0x1f, 1)
                                .bytes(0x04, "INTC")
                                .number<uint8_t>(0x08, 2)
                                .text(0x12, "behind the end")
                                .build();
  // BIOS and TPM; without a count the BIOS alone.
  EXPECT_EQ(test::expect_as_dmidecode(test::dump_32_of(table, 2, 8, 3)), 9u);
  EXPECT_EQ(test::expect_as_dmidecode(test::dump_of(table, 3, 5)), 5u);
}

}  // namespace
}  // namespace muster::smbios
