#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/hardware/numbers.h"
#include "agent/probes/hardware/parts/kernel_parts.h"
#include "agent/probes/hardware/parts/machine_parts.h"
#include "agent/probes/hardware/parts/memory_errors.h"
#include "agent/probes/hardware/parts/network_adapters.h"
#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::hardware {
namespace {

using test::HardwareMachine;

TEST(Numbers, AreOfDigitsAlone) {
  EXPECT_EQ(whole_number("0"), 0);
  EXPECT_EQ(whole_number("18446744073709551615"), UINT64_MAX);
  for (const char* const text : {"", "-1", "+1", "1 ", " 1", "0x1", "18446744073709551616"})
    EXPECT_FALSE(whole_number(text)) << text;
  EXPECT_EQ(small_number("4294967296"), UINT32_MAX);
  EXPECT_EQ(small_number("none"), 0);
}

TEST(Numbers, CountByTensOfPercent) {
  EXPECT_EQ(tens_of_percent(0, 7), 0);
  EXPECT_EQ(tens_of_percent(9, 100), 0);
  EXPECT_EQ(tens_of_percent(10, 100), 10);
  EXPECT_EQ(tens_of_percent(99, 100), 90);
  EXPECT_EQ(tens_of_percent(UINT64_MAX, UINT64_MAX), 100);
  EXPECT_FALSE(tens_of_percent(1, 0));
  EXPECT_FALSE(tens_of_percent(8, 7));
}

TEST(MachineParts, SupplyIsAsItsCharacteristicsSay) {
  // SMBIOS 7.40.1: bits 7 to 9 the status, 2 unplugged, 1 present.
  const std::pair<smbios::PowerSupply, v1::PowerSupplyState> cases[] = {
      {{.present = true, .status = "OK"}, v1::POWER_SUPPLY_STATE_OK},
      {{.present = true, .status = "Non-critical"}, v1::POWER_SUPPLY_STATE_WARNING},
      {{.present = true, .status = "Critical"}, v1::POWER_SUPPLY_STATE_FAILED},
      {{.present = true, .status = "Unknown"}, v1::POWER_SUPPLY_STATE_UNSPECIFIED},
      {{.present = true, .unplugged = true, .status = "OK"}, v1::POWER_SUPPLY_STATE_UNPLUGGED},
      {{.present = false, .status = "OK"}, v1::POWER_SUPPLY_STATE_ABSENT},
  };
  for (const auto& [supply, state] : cases) {
    smbios::Smbios table;
    table.power_supplies.push_back(supply);
    const auto supplies = power_supplies_of(table);
    ASSERT_EQ(supplies.size(), 1);
    EXPECT_EQ(supplies[0].state(), state);
    EXPECT_EQ(supplies[0].location(), "1");
  }
}

TEST(MachineParts, MemoryIsOfTheSystemAlone) {
  smbios::Smbios table;
  table.memory_arrays = {{.handle = 1, .use = "Flash Memory", .error_correction = "None"},
                         {.handle = 2, .use = "System Memory", .error_correction = "Unknown"}};
  table.memory_devices = {{.array_handle = 1, .locator = "BIOS", .size_bytes = 16 << 20},
                          {.array_handle = 2, .locator = "A1", .size_bytes = 1 << 30},
                          {.array_handle = 2, .locator = "A2", .size_bytes = 0},
                          // A maker's mistake.
                          {.array_handle = 9, .locator = "A3", .size_bytes = 1 << 30}};
  std::vector<v1::MemoryModule> modules;
  v1::Memory memory = memory_of(table, modules);
  EXPECT_EQ(memory.total_bytes(), uint64_t{2} << 30);
  EXPECT_EQ(memory.empty_slots(), 1);
  EXPECT_EQ(memory.error_correction(), "");
  ASSERT_EQ(modules.size(), 2);
  EXPECT_EQ(modules[1].locator(), "A3");
  // One that does not tell its size: the sum would be too small.
  table.memory_devices[1].size_bytes = std::nullopt;
  modules.clear();
  memory = memory_of(table, modules);
  EXPECT_EQ(memory.total_bytes(), 0);
  EXPECT_EQ(modules.size(), 2);
}

TEST(MachineParts, WithOneNameAreToldApart) {
  smbios::Smbios table;
  table.memory_devices = {{.locator = "DIMM 0", .bank = "P0 CHANNEL A", .size_bytes = 1 << 30},
                          {.locator = "DIMM 0", .bank = "P0 CHANNEL B", .size_bytes = 1 << 30},
                          {.locator = "DIMM 1", .bank = "P0 CHANNEL B", .size_bytes = 1 << 30},
                          {.locator = "", .bank = "BANK 3", .size_bytes = 1 << 30}};
  std::vector<v1::MemoryModule> modules;
  memory_of(table, modules);
  ASSERT_EQ(modules.size(), 4);
  EXPECT_EQ(modules[0].locator(), "P0 CHANNEL A DIMM 0");
  EXPECT_EQ(modules[1].locator(), "P0 CHANNEL B DIMM 0");
  EXPECT_EQ(modules[2].locator(), "DIMM 1");
  EXPECT_EQ(modules[3].locator(), "BANK 3");
  table.power_supplies = {{.location = "Chassis"}, {.location = "Chassis"}, {.location = "PSU 3"}};
  const auto supplies = power_supplies_of(table);
  ASSERT_EQ(supplies.size(), 3);
  EXPECT_EQ(supplies[0].location(), "1");
  EXPECT_EQ(supplies[1].location(), "2");
  EXPECT_EQ(supplies[2].location(), "PSU 3");
}

TEST(KernelParts, ModelIsThatOfAllProcessors) {
  EXPECT_EQ(model_of_all("model name\t: A B\nflags\t: x\n\nmodel name\t: A B\n"), "A B");
  EXPECT_EQ(model_of_all("model name\t: A\nmodel name\t: B\n"), "");
  EXPECT_EQ(model_of_all("processor\t: 0\nCPU part\t: 0xd08\n"), "");
  EXPECT_EQ(model_of_all("model name"), "");
  EXPECT_EQ(model_of_all(""), "");
}

TEST(KernelParts, TooLongAListOfProcessorsIsNoted) {
  HardwareMachine machine;
  machine.files().write("/proc/cpuinfo",
                        "model name\t: A\n" + std::string(kLargestCpuinfo - 15, '\n'));
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  EXPECT_EQ(model_of_all(files), "A");
  EXPECT_TRUE(unreadable.empty());
  machine.files().write("/proc/cpuinfo",
                        "model name\t: A\n" + std::string(kLargestCpuinfo - 14, '\n'));
  EXPECT_EQ(model_of_all(files), "");
  ASSERT_EQ(unreadable.size(), 1);
  EXPECT_EQ(unreadable[0].path(), "/proc/cpuinfo");
}

TEST(KernelParts, SocketsAreCountedByCoresAndThreads) {
  HardwareMachine machine;
  const std::string cpu = "/sys/devices/system/cpu/cpu";
  for (int i = 0; i < 8; ++i) {
    machine.add_files(fmt::format("{}{}/topology", cpu, i),
                      {{"physical_package_id", i < 4 ? "0" : "10"},
                       {"die_id", "0"},
                       {"core_id", std::to_string(i % 2)}});
  }
  machine.files().make_directory(cpu + "8");  // Offline.
  machine.files().make_directory(cpu + "freq");
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  const auto processors = kernel_processors(files);
  ASSERT_EQ(processors.size(), 2);
  EXPECT_EQ(processors[0].socket(), "0");
  EXPECT_EQ(processors[0].cores(), 2);
  EXPECT_EQ(processors[0].threads(), 4);
  EXPECT_EQ(processors[1].socket(), "10");
  EXPECT_TRUE(unreadable.empty());
}

TEST(KernelParts, MemoryIsTheLineOfMeminfo) {
  const std::pair<const char*, uint64_t> cases[] = {
      {"MemTotal:       32768 kB\nMemFree: 1 kB\n", 32 << 20},
      {"MemFree: 1 kB\nMemTotal: 4 kB", 4096},
      {"MemTotal: 4\n", 0},
      {"MemTotal: x kB\n", 0},
      {"", 0},
  };
  for (const auto& [text, bytes] : cases) {
    HardwareMachine machine;
    machine.files().write("/proc/meminfo", text);
    std::vector<v1::UnreadableSource> unreadable;
    MachineFiles files(machine.root(), unreadable);
    EXPECT_EQ(kernel_memory(files), bytes) << text;
  }
}

TEST(NetworkAdapters, VirtualFunctionsAreTheirAdapters) {
  HardwareMachine machine;
  machine.add_pci_device("0000:3b:00.0", "ice");
  machine.add_device("net", "ens1f0", "0000:3b:00.0", {{"flags", "0x1002"}});
  machine.add_pci_device("0000:3b:02.0", "iavf");
  machine.add_device("net", "ens1f0v0", "0000:3b:02.0", {{"flags", "0x1003"}});
  machine.files().link("/sys/class/net/ens1f0v0/device/physfn", "../0000:3b:00.0");
  machine.add_interface("veth0", {{"flags", "0x1003"}});
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  const auto adapters = look_at_network_adapters(files);
  ASSERT_EQ(adapters.size(), 1);
  EXPECT_EQ(adapters[0].name(), "ens1f0");
  EXPECT_EQ(adapters[0].driver(), "ice");
  EXPECT_EQ(adapters[0].link(), v1::LINK_STATE_UNUSED);
}

TEST(NetworkAdapters, OfWhichNothingIsToldIsUnspecified) {
  HardwareMachine machine;
  machine.files().make_directory("/sys/class/net/eth0/device");
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  const auto adapters = look_at_network_adapters(files);
  ASSERT_EQ(adapters.size(), 1);
  EXPECT_EQ(adapters[0].link(), v1::LINK_STATE_UNSPECIFIED);
  EXPECT_EQ(adapters[0].pci_id(), "");
}

TEST(MemoryErrors, AreNotNoneWhereTheyAreNotTold) {
  HardwareMachine machine;
  machine.add_files("/sys/devices/system/edac/mc/mc0", {{"ce_count", "x"}, {"ue_count", "0"}});
  machine.add_files("/sys/devices/system/edac/mc/mc1", {{"ce_count", "7"}, {"ue_count", "0"}});
  machine.add_files("/sys/devices/system/edac/mc/mc1/dimm0", {{"dimm_label", "A1"}});
  machine.add_files("/sys/devices/system/edac/mc/mc1/rank3",
                    {{"dimm_label", ""}, {"dimm_ce_count", "7"}, {"dimm_ue_count", "0"}});
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  const auto controllers = look_at_memory_errors(files);
  ASSERT_EQ(controllers.size(), 1);
  EXPECT_EQ(controllers[0].controller(), "mc1");
  ASSERT_EQ(controllers[0].modules_size(), 1);
  EXPECT_EQ(controllers[0].modules(0).label(), "rank3");
  EXPECT_EQ(controllers[0].modules(0).corrected(), 7);
  ASSERT_EQ(unreadable.size(), 1);
  EXPECT_EQ(unreadable[0].path(), "/sys/devices/system/edac/mc/mc0");
}

TEST(MemoryErrors, OfModulesWithOneLabelAreToldApart) {
  HardwareMachine machine;
  const std::string controller = "/sys/devices/system/edac/mc/mc0";
  machine.add_files(controller, {{"ce_count", "3"}, {"ue_count", "0"}});
  for (const char* const name : {"dimm0", "dimm1"}) {
    machine.add_files(
        controller + "/" + name,
        {{"dimm_label", "P0 CHANNEL A DIMM 0"}, {"dimm_ce_count", "0"}, {"dimm_ue_count", "0"}});
  }
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  const auto controllers = look_at_memory_errors(files);
  ASSERT_EQ(controllers[0].modules_size(), 2);
  EXPECT_EQ(controllers[0].modules(0).label(), "P0 CHANNEL A DIMM 0");
  EXPECT_EQ(controllers[0].modules(1).label(), "P0 CHANNEL A DIMM 0 dimm1");
}

TEST(MemoryErrors, HaveABoundForModules) {
  HardwareMachine machine;
  const std::string controller = "/sys/devices/system/edac/mc/mc0";
  machine.add_files(controller, {{"ce_count", "0"}, {"ue_count", "0"}});
  for (size_t i = 0; i <= kMostModulesOfController; ++i) {
    machine.add_files(fmt::format("{}/dimm{}", controller, i),
                      {{"dimm_ce_count", "0"}, {"dimm_ue_count", "0"}});
  }
  std::vector<v1::UnreadableSource> unreadable;
  MachineFiles files(machine.root(), unreadable);
  EXPECT_EQ(look_at_memory_errors(files)[0].modules_size(),
            static_cast<int>(kMostModulesOfController));
  ASSERT_EQ(unreadable.size(), 1);
  EXPECT_EQ(unreadable[0].error(), "there are 129 modules of memory, 1 of them are left out");
}

}  // namespace
}  // namespace muster::hardware
