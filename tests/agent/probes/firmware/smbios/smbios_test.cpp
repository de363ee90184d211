#include "agent/probes/firmware/smbios/smbios.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/probes/firmware/smbios/structures.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::smbios {
namespace {

using test::StructureBuilder;

TEST(Smbios, TellsWhatAServerIs) {
  const Smbios server = *parse_dump(test::dump_of(test::server_table()));
  EXPECT_EQ(server.version, (Version{3, 5}));
  EXPECT_EQ(server.cut_short, "");
  EXPECT_EQ(server.bios->vendor, "Dell Inc.");
  EXPECT_EQ(server.bios->version, "2.19.1");
  EXPECT_EQ(server.bios->release_day, "2023-06-04");
  EXPECT_EQ(server.bios->release.minor, 19);
  EXPECT_EQ(server.bios->embedded_controller.major, std::nullopt);
  EXPECT_EQ(server.system->product, "PowerEdge R640");
  EXPECT_EQ(server.system->serial, "ABC1234");
  EXPECT_EQ(server.system->version, "");
  EXPECT_EQ(server.system->uuid, "4c4c4544-0042-1031-8043-c1c04f313234");
  ASSERT_EQ(server.boards.size(), 1u);
  EXPECT_EQ(server.boards[0].product, "0H28RR");
  ASSERT_EQ(server.chassis.size(), 1u);
  EXPECT_EQ(server.chassis[0].type, "Rack Mount Chassis");
  EXPECT_EQ(server.chassis[0].asset_tag, "RZ-0815");
  EXPECT_EQ(server.chassis[0].sku, "Rack");
  EXPECT_EQ(server.ipmi->interface, "KCS");
  EXPECT_EQ(server.ipmi->specification, "2.0");
  EXPECT_EQ(server.tpm->vendor, "INTC");
  EXPECT_EQ(server.tpm->specification, "2.0");
  EXPECT_EQ(server.tpm->firmware_version, "7.85");
  ASSERT_EQ(server.power_supplies.size(), 1u);
  EXPECT_EQ(server.power_supplies[0].max_watts, 750);
  EXPECT_TRUE(server.power_supplies[0].present);
  EXPECT_FALSE(server.power_supplies[0].unplugged);
  EXPECT_EQ(server.power_supplies[0].status, "OK");
  ASSERT_EQ(server.firmware.size(), 1u);
  EXPECT_EQ(server.firmware[0].version, "7.00.00.171");
  EXPECT_EQ(server.firmware[0].version_format, "Free-form");
  EXPECT_EQ(server.firmware[0].lowest_version, "5.10.00.00");
  EXPECT_EQ(server.firmware[0].state, "Enabled");
}

TEST(Smbios, TellsItsProcessorsAndWhichSocketIsEmpty) {
  const Smbios server = *parse_dump(test::dump_of(test::server_table()));
  ASSERT_EQ(server.processors.size(), 2u);
  EXPECT_TRUE(server.processors[0].populated);
  EXPECT_EQ(server.processors[0].status, "Enabled");
  // Xeon.
  EXPECT_EQ(server.processors[0].family, 0xb3);
  EXPECT_EQ(server.processors[0].version, "Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz");
  EXPECT_EQ(server.processors[0].cores, 40u);
  EXPECT_EQ(server.processors[0].threads, 80u);
  EXPECT_EQ(server.processors[0].max_speed, 4000);
  EXPECT_FALSE(server.processors[1].populated);
  EXPECT_EQ(server.processors[1].family, std::nullopt);
  EXPECT_EQ(server.processors[1].cores, std::nullopt);
}

TEST(Smbios, CountsMoreThan255CoresInTheWiderField) {
  const auto cores = [](uint8_t narrow, uint8_t length, uint16_t wide) {
    auto processor = StructureBuilder(4, length, 0);
    processor.number<uint8_t>(0x23, narrow);
    if (length >= 0x2c) processor.number<uint16_t>(0x2a, wide);
    return parse_table(processor.build(), {3, 0}).processors.at(0).cores;
  };
  EXPECT_EQ(cores(0xff, 0x30, 384), 384u);
  EXPECT_EQ(cores(0xfe, 0x30, 0), 254u);
  EXPECT_EQ(cores(0xff, 0x2a, 0), 255u);
  EXPECT_EQ(cores(0xff, 0x30, 0), std::nullopt);
  EXPECT_EQ(cores(0xff, 0x30, 0xffff), std::nullopt);
  EXPECT_EQ(cores(0, 0x30, 4), std::nullopt);
}

TEST(Smbios, TellsWhichFamilyAProcessorIsOf) {
  const auto family = [](uint8_t narrow, uint8_t length, uint16_t wide) {
    auto processor = StructureBuilder(4, length, 0);
    processor.number<uint8_t>(0x06, narrow);
    if (length >= 0x2a) processor.number<uint16_t>(0x28, wide);
    return parse_table(processor.build(), {3, 0}).processors.at(0).family;
  };
  EXPECT_EQ(family(0xb3, 0x1a, 0), 0xb3);
  // ARMv8.
  EXPECT_EQ(family(0xfe, 0x30, 0x101), 0x101);
  EXPECT_EQ(family(0xfe, 0x28, 0), std::nullopt);
  EXPECT_EQ(family(0, 0x30, 0x101), std::nullopt);
}

TEST(Smbios, TellsAProcessorThatIsSwitchedOff) {
  const auto status = [](uint8_t bits) {
    return parse_table(StructureBuilder(4, 0x1a, 0).number<uint8_t>(0x18, bits).build(), {3, 0})
        .processors.at(0);
  };
  EXPECT_TRUE(status(0x43).populated);
  EXPECT_EQ(status(0x43).status, "Disabled By BIOS");
  EXPECT_EQ(status(0x42).status, "Disabled By User");
  EXPECT_EQ(status(0x45).status, "");
  EXPECT_FALSE(status(0x01).populated);
}

TEST(Smbios, TellsTheMemoryOfTheSystemFromOther) {
  const auto array = [](uint16_t handle, uint8_t use) {
    return StructureBuilder(16, 0x0f, handle).number<uint8_t>(0x05, use).build();
  };
  const auto slot = [](uint16_t handle) {
    return StructureBuilder(17, 0x15, 9).number<uint16_t>(0x04, handle).build();
  };
  const Smbios machine =
      parse_table(array(1, 3) + array(2, 5) + array(3, 8) + slot(1) + slot(2), {2, 8});
  EXPECT_EQ(machine.memory_arrays.at(0).use, "System Memory");
  EXPECT_EQ(machine.memory_arrays.at(1).use, "Flash Memory");
  EXPECT_EQ(machine.memory_arrays.at(2).use, "");
  EXPECT_EQ(machine.memory_devices.at(0).array_handle, machine.memory_arrays[0].handle);
  EXPECT_EQ(machine.memory_devices.at(1).array_handle, machine.memory_arrays[1].handle);
}

TEST(Smbios, TellsMemorySlotBySlot) {
  const Smbios server = *parse_dump(test::dump_of(test::server_table()));
  ASSERT_EQ(server.memory_arrays.size(), 1u);
  EXPECT_EQ(server.memory_arrays[0].use, "System Memory");
  EXPECT_EQ(server.memory_arrays[0].error_correction, "Multi-bit ECC");
  EXPECT_EQ(server.memory_arrays[0].max_capacity_bytes, uint64_t{6} << 40);
  EXPECT_EQ(server.memory_arrays[0].slots, 4);
  ASSERT_EQ(server.memory_devices.size(), 4u);
  const MemoryDevice& one = server.memory_devices[0];
  EXPECT_EQ(one.array_handle, server.memory_arrays[0].handle);
  EXPECT_EQ(one.locator, "A1");
  EXPECT_EQ(one.bank, "P0_Node0_Channel0");
  EXPECT_EQ(one.size_bytes, uint64_t{64} << 30);
  EXPECT_EQ(one.form_factor, "DIMM");
  EXPECT_EQ(one.type, "DDR4");
  EXPECT_EQ(one.speed, 3200u);
  EXPECT_EQ(one.configured_speed, 2933u);
  EXPECT_EQ(one.part_number, "HMAA8GR7AJR4N-XN");
  EXPECT_EQ(one.ranks, 2);
  const MemoryDevice& two = server.memory_devices[1];
  EXPECT_EQ(two.size_bytes, uint64_t{16} << 30);
  EXPECT_EQ(two.type, "DDR5");
  EXPECT_EQ(two.speed, 70000u);
  EXPECT_EQ(two.configured_speed, 66000u);
  EXPECT_EQ(two.firmware_version, "2240");
  EXPECT_EQ(server.memory_devices[2].size_bytes, 0u);
  EXPECT_EQ(server.memory_devices[2].speed, std::nullopt);
  EXPECT_EQ(server.memory_devices[3].size_bytes, 512u << 10);
}

// The highest bit of the wide fields of speed is reserved (7.18.4).
TEST(Smbios, LeavesOutTheReservedBitOfASpeed) {
  const auto speed = [](uint32_t wide) {
    return parse_table(StructureBuilder(17, 0x5c, 0)
                           .number<uint16_t>(0x15, 0xffff)
                           .number<uint32_t>(0x54, wide)
                           .build(),
                       {3, 5})
        .memory_devices.at(0)
        .speed;
  };
  EXPECT_EQ(speed(0x80000000u | 70000), 70000u);
  EXPECT_EQ(speed(0x80000000u), std::nullopt);
}

TEST(Smbios, OfAnOldVersionHasNoFieldsThatCameLater) {
  // Of version 2.0: the formatted areas end before UUID, speed and ranks.
  const std::string table = StructureBuilder(1, 0x08, 0).text(0x04, "ACME").build() +
                            StructureBuilder(17, 0x15, 1).number<uint16_t>(0x0c, 128).build();
  const Smbios machine = parse_table(table, {2, 0});
  EXPECT_EQ(machine.system->manufacturer, "ACME");
  EXPECT_EQ(machine.system->uuid, "");
  EXPECT_EQ(machine.system->sku, "");
  EXPECT_EQ(machine.memory_devices.at(0).size_bytes, uint64_t{128} << 20);
  EXPECT_EQ(machine.memory_devices.at(0).speed, std::nullopt);
  EXPECT_EQ(machine.memory_devices.at(0).ranks, std::nullopt);
}

TEST(Smbios, ReadsTheUuidInTheOrderOfItsVersion) {
  const auto uuid = [](std::string_view bytes, Version version) {
    return parse_table(StructureBuilder(1, 0x19, 0).bytes(0x08, bytes).build(), version)
        .system->uuid;
  };
  const std::string_view sixteen("\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
                                 16);
  EXPECT_EQ(uuid(sixteen, {2, 6}), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(uuid(sixteen, {2, 5}), "33221100-5544-7766-8899-aabbccddeeff");
  EXPECT_EQ(uuid(std::string(16, '\0'), {3, 0}), "");
  EXPECT_EQ(uuid(std::string(16, '\xff'), {3, 0}), "");
}

TEST(Smbios, IsReadThoughFirmwareWritesWhatItShouldNot) {
  // A string number without a string, control characters, and bytes that are no UTF-8.
  const Smbios machine = parse_table(StructureBuilder(1, 0x1b, 0)
                                             .text(0x04, "  ACME \t")
                                             .text(0x05, "Box\x1b[2J")
                                             .text(0x06, "\xff\xfe")
                                             .number<uint8_t>(0x07, 9)
                                             .build() +
                                         test::end_of_table(),
                                     {3, 0});
  EXPECT_EQ(machine.system->manufacturer, "ACME");
  EXPECT_EQ(machine.system->product, "Box\\x1b[2J");
  EXPECT_EQ(machine.system->version, "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(machine.system->serial, "");
  EXPECT_EQ(machine.cut_short, "");
}

TEST(Smbios, TellsTheFirstOfSeveralBiosesAndSystems) {
  const std::string table = StructureBuilder(0, 0x12, 0).text(0x05, "1.0").build() +
                            StructureBuilder(0, 0x12, 1).text(0x05, "2.0").build();
  EXPECT_EQ(parse_table(table, {2, 8}).bios->version, "1.0");
}

TEST(Smbios, ThatIsCutShortSaysSoAndKeepsWhatWasWhole) {
  const std::string bios = StructureBuilder(0, 0x12, 0).text(0x05, "1.0").build();
  const std::string system = StructureBuilder(1, 0x08, 1).text(0x04, "ACME").build();
  for (size_t length = 1; length < system.size(); ++length) {
    const Smbios machine = parse_table(bios + system.substr(0, length), {2, 8});
    EXPECT_EQ(machine.bios->version, "1.0");
    EXPECT_FALSE(machine.system) << length;
    EXPECT_EQ(machine.cut_short, "the SMBIOS table ends inside a structure") << length;
  }
  EXPECT_EQ(parse_table(std::string("\x00\x03\x00\x00\x00\x00", 6), {2, 8}).cut_short,
            "a structure of the SMBIOS table says that it has 3 bytes");
}

TEST(Smbios, HasBounds) {
  std::string many;
  for (size_t i = 0; i < kMostStructures; ++i)
    many += StructureBuilder(17, 0x15, static_cast<uint16_t>(i)).build();
  EXPECT_EQ(parse_table(many, {2, 8}, kMostStructures).memory_devices.size(), kMostStructures);
  EXPECT_EQ(parse_table(many, {2, 8}, kMostStructures).cut_short, "");
  many += StructureBuilder(17, 0x15, 1).build();
  EXPECT_EQ(parse_table(many, {2, 8}).memory_devices.size(), kMostStructures);
  EXPECT_EQ(parse_table(many, {2, 8}).cut_short, "the SMBIOS table has more than 8192 structures");

  const std::string large =
      StructureBuilder(0, 0x12, 0).text(0x05, std::string(kMostTableBytes, 'x')).build();
  EXPECT_EQ(parse_table(large, {2, 8}).cut_short, "the SMBIOS table is larger than 1048576 bytes");
  const auto version_of_length = [](size_t length) {
    return parse_table(StructureBuilder(0, 0x12, 0).text(0x05, std::string(length, 'x')).build(),
                       {2, 8})
        .bios->version.size();
  };
  EXPECT_EQ(version_of_length(kLongestText), kLongestText);
  EXPECT_LE(version_of_length(kLongestText + 1), kLongestText);
}

// Bytes that are wrong in one place give other facts or none, and never a crash.
TEST(Smbios, OutlivesEveryByteThatIsWrong) {
  const std::string dump = test::dump_of(test::server_table());
  for (size_t at = 0; at < dump.size(); ++at) {
    for (const char wrong : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string damaged = dump;
      damaged[at] = wrong;
      // The sanitizers look.
      static_cast<void>(parse_dump(damaged));
      static_cast<void>(parse_table(damaged.substr(32), {3, 5}));
    }
    static_cast<void>(parse_dump(dump.substr(0, at)));
  }
}

TEST(IsoDay, IsThatOfTheRelease) {
  EXPECT_EQ(iso_day("11/08/2016"), "2016-11-08");
  EXPECT_EQ(iso_day("02/29/2024"), "2024-02-29");
  EXPECT_EQ(iso_day("12/31/99"), "1999-12-31");
  for (const char* none :
       {"", "2016-11-08", "13/01/2020", "02/30/2020", "00/00/2020", "11/08/16 ", "aa/bb/cccc",
        "11/08/0000", "05/26/09", "12/31/1979", "1/8/2016", "Default string", "11/08/20166"})
    EXPECT_EQ(iso_day(none), "") << none;
}

}  // namespace
}  // namespace muster::smbios
