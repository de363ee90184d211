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

// Wide fields where the narrow ones do not do, bits that are reserved, and what is not known.
TEST(Dmidecode, TellsTheSameOfALargeMachineWithRareValues) {
  const std::string table =
      StructureBuilder(0, 0x18, 0)
          .text(0x05, "1.0")
          .number<uint8_t>(0x14, 5)
          .number<uint8_t>(0x15, 27)
          .number<uint8_t>(0x16, 1)
          .number<uint8_t>(0x17, 12)
          .build() +
      StructureBuilder(2, 0x0f, 2)
          .text(0x05, "board")
          .text(0x08, "asset")
          .text(0x0a, "Slot00")
          .build() +
      StructureBuilder(4, 0x30, 4)
          .text(0x04, "CPU0")
          .number<uint8_t>(0x06, 0xfe)
          .number<uint8_t>(0x18, 0x44)
          .text(0x20, "serial")
          .text(0x21, "asset")
          .text(0x22, "part")
          .number<uint8_t>(0x23, 0xff)
          .number<uint8_t>(0x24, 0xff)
          .number<uint8_t>(0x25, 0xff)
          .number<uint16_t>(0x28, 0x101)
          .number<uint16_t>(0x2a, 384)
          .number<uint16_t>(0x2c, 320)
          .number<uint16_t>(0x2e, 640)
          .build() +
      StructureBuilder(17, 0x5c, 0x11)
          .number<uint16_t>(0x0c, 0x7fff)
          .number<uint8_t>(0x1b, 0xf4)
          .number<uint32_t>(0x1c, 0x80000000u | 131072)
          .build() +
      StructureBuilder(17, 0x5c, 0x12).number<uint16_t>(0x0c, 0xffff).build() +
      StructureBuilder(39, 0x16, 0x27)
          .text(0x08, "serial")
          .text(0x09, "asset")
          .number<uint16_t>(0x0c, 0x8000)
          .number<uint16_t>(0x0e, 5 << 7 | 0x06)
          .build() +
      StructureBuilder(43, 0x1f, 0x2b)
          .bytes(0x04, "IFX")
          .number<uint8_t>(0x08, 1)
          .number<uint8_t>(0x09, 2)
          .bytes(0x0a, "\x01\x02\x04\x28")
          .build() +
      test::end_of_table();
  EXPECT_GT(test::expect_as_dmidecode(test::dump_of(table)), 55u);

  const Smbios machine = parse_table(table, {3, 5});
  EXPECT_EQ(machine.bios->embedded_controller.minor, 12);
  EXPECT_EQ(machine.boards.at(0).location, "Slot00");
  const Processor& processor = machine.processors.at(0);
  EXPECT_EQ(processor.status, "Idle");
  EXPECT_EQ(processor.part_number, "part");
  EXPECT_EQ(processor.max_speed, std::nullopt);
  EXPECT_EQ(processor.cores, 384u);
  EXPECT_EQ(processor.enabled_cores, 320u);
  EXPECT_EQ(processor.threads, 640u);
  EXPECT_EQ(machine.memory_devices.at(0).size_bytes, uint64_t{128} << 30);
  EXPECT_EQ(machine.memory_devices.at(0).ranks, 4);
  EXPECT_EQ(machine.memory_devices.at(1).size_bytes, std::nullopt);
  EXPECT_EQ(machine.power_supplies.at(0).max_watts, std::nullopt);
  EXPECT_EQ(machine.power_supplies.at(0).status, "Critical");
  EXPECT_TRUE(machine.power_supplies.at(0).unplugged);
  EXPECT_EQ(machine.tpm->vendor, "IFX");
  EXPECT_EQ(machine.tpm->specification, "1.2");
  EXPECT_EQ(machine.tpm->firmware_version, "4.40");
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
