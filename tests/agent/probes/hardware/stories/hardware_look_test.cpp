// What a look does where it does not apply, where a source is missing, and at its bounds.
#include "agent/probes/hardware/hardware_look.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/hardware/machine_table.h"
#include "muster/v1/hardware_facts.pb.h"
#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::hardware {
namespace {

using test::HardwareMachine;
using test::StructureBuilder;
using ::testing::HasSubstr;

v1::Section look(const std::string& root) {
  return look_at_hardware(root, RunningSystem{}, probe::HostAnswers("nobody was asked"));
}

v1::HardwareFacts facts_of(const HardwareMachine& machine) {
  const v1::Section section = look(machine.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::HardwareFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

TEST(HardwareLook, IsNotForAnImageAtRest) {
  const test::TestRoot root;
  root.make_directory("/etc");
  const v1::Section section = look(root.path());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("an image at rest has no hardware"));
}

TEST(HardwareLook, IsNotForAContainerThoughItSeesItsHosts) {
  HardwareMachine machine;
  machine.files().write("/run/systemd/container", "lxc\n");
  machine.add_sata_disk("sda", "0:0:0:0", "INTEL SSDSC2KG48", "937703088");
  machine.add_processors(0, 4, "0x5003604");
  const v1::Section section = look(machine.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("its host's"));
}

TEST(HardwareLook, WithoutRootHasWhatTheKernelTellsEverybody) {
  HardwareMachine machine;
  machine.add_smbios(test::server_table());
  machine.files().set_mode("/sys/firmware/dmi/tables/DMI", 0400);
  machine.add_files("/sys/class/dmi/id", {{"sys_vendor", "Dell Inc."},
                                          {"product_name", "PowerEdge R640"},
                                          {"product_serial", "ABC1234"},
                                          {"board_vendor", "Dell Inc."},
                                          {"board_name", "To Be Filled By O.E.M."},
                                          {"chassis_type", "23"}});
  machine.files().set_mode("/sys/class/dmi/id/product_serial", 0400);
  machine.files().write("/proc/meminfo", "MemTotal:       65536 kB\n");
  const test::WithoutRights nobody;
  const v1::HardwareFacts facts = facts_of(machine);
  EXPECT_EQ(facts.machine().vendor(), "Dell Inc.");
  EXPECT_EQ(facts.machine().model(), "PowerEdge R640");
  EXPECT_EQ(facts.machine().serial(), "");
  EXPECT_EQ(facts.machine().board_model(), "");
  EXPECT_EQ(facts.machine().chassis(), "Rack Mount Chassis");
  EXPECT_EQ(facts.memory().total_bytes(), uint64_t{64} << 20);
  EXPECT_EQ(facts.power_supplies_size(), 0);
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), "/sys/firmware/dmi/tables/DMI");
}

TEST(HardwareLook, ReadsNoTableByAGuessedVersion) {
  HardwareMachine machine;
  machine.add_smbios(test::server_table());
  const std::string entry_point = "/sys/firmware/dmi/tables/smbios_entry_point";
  machine.files().write(entry_point, std::string(24, 'x'));
  const v1::HardwareFacts facts = facts_of(machine);
  EXPECT_FALSE(facts.has_machine());
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), entry_point);
}

TEST(HardwareLook, ReadsNoTableThatIsTooLarge) {
  HardwareMachine machine;
  machine.add_smbios(test::server_table());
  machine.files().write("/sys/firmware/dmi/tables/DMI", std::string(kLargestTable + 1, '\0'));
  const v1::HardwareFacts facts = facts_of(machine);
  EXPECT_FALSE(facts.has_machine());
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), "/sys/firmware/dmi/tables/DMI");
}

// One more than each list of SMBIOS may have.
TEST(HardwareLook, HasABoundForEachListOfTheMachine) {
  std::string table;
  const auto add = [&table](uint8_t type, size_t count, auto fill) {
    for (size_t i = 0; i < count; ++i) {
      StructureBuilder structure(type, 0x30, static_cast<uint16_t>(type * 0x100 + i));
      fill(structure);
      table += structure.build();
    }
  };
  add(4, kMostProcessors + 1, [](StructureBuilder& each) { each.number<uint8_t>(0x18, 0x41); });
  add(17, kMostModules + 1, [](StructureBuilder& each) { each.number<uint16_t>(0x0c, 16384); });
  add(39, kMostPowerSupplies + 1, [](StructureBuilder& each) { each.number<uint16_t>(0x0e, 2); });
  HardwareMachine machine;
  machine.add_smbios(table + test::end_of_table());
  const v1::HardwareFacts facts = facts_of(machine);
  EXPECT_EQ(facts.processors_size(), static_cast<int>(kMostProcessors));
  EXPECT_EQ(facts.memory().modules_size(), static_cast<int>(kMostModules));
  EXPECT_EQ(facts.memory().total_bytes(), uint64_t{kMostModules + 1} << 34);
  EXPECT_EQ(facts.power_supplies_size(), static_cast<int>(kMostPowerSupplies));
  ASSERT_EQ(facts.unreadable_size(), 3);
  EXPECT_EQ(facts.unreadable(0).error(), "there are 257 processors, 1 of them are left out");
  EXPECT_EQ(facts.unreadable(1).error(), "there are 513 modules of memory, 1 of them are left out");
  EXPECT_EQ(facts.unreadable(2).error(), "there are 65 power supplies, 1 of them are left out");
}

TEST(HardwareLook, HasABoundForEachListOfTheKernel) {
  HardwareMachine machine;
  for (size_t i = 0; i <= kMostDisks; ++i)
    machine.add_files(fmt::format("/sys/block/vd{}", i), {{"device/model", "x"}});
  for (size_t i = 0; i <= kMostAdapters; ++i)
    machine.files().make_directory(fmt::format("/sys/class/net/eth{}/device", i));
  for (size_t i = 0; i <= kMostArrays; ++i)
    machine.add_files(fmt::format("/proc/spl/kstat/zfs/pool{}", i), {{"state", "ONLINE"}});
  for (size_t i = 0; i <= kMostControllers; ++i) {
    machine.add_files(fmt::format("/sys/devices/system/edac/mc/mc{}", i),
                      {{"ce_count", "0"}, {"ue_count", "0"}});
  }
  const v1::HardwareFacts facts = facts_of(machine);
  EXPECT_EQ(facts.disks_size(), static_cast<int>(kMostDisks));
  EXPECT_EQ(facts.network_adapters_size(), static_cast<int>(kMostAdapters));
  EXPECT_EQ(facts.arrays_size(), static_cast<int>(kMostArrays));
  EXPECT_EQ(facts.memory_errors_size(), static_cast<int>(kMostControllers));
  ASSERT_EQ(facts.unreadable_size(), 4);
  EXPECT_EQ(facts.unreadable(0).error(), "there are 513 disks, 1 of them are left out");
  EXPECT_EQ(facts.unreadable(1).error(), "there are 257 network adapters, 1 of them are left out");
  EXPECT_EQ(facts.unreadable(2).error(), "there are 513 arrays, 1 of them are left out");
  EXPECT_EQ(facts.unreadable(3).error(),
            "there are 129 controllers of memory, 1 of them are left out");
}

}  // namespace
}  // namespace muster::hardware
