#include "agent/probes/hardware/parts/machine_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "agent/probes/host/hardware_identity.h"

namespace muster::hardware {
namespace {

bool is_of_the_system(const smbios::Smbios& table, const smbios::MemoryDevice& device) {
  const auto array =
      std::find_if(table.memory_arrays.begin(), table.memory_arrays.end(),
                   [&device](const auto& each) { return each.handle == device.array_handle; });
  // Of no array that is listed: makers get handles wrong more often than they list other memory.
  return array == table.memory_arrays.end() || array->use.empty() || array->use == "System Memory";
}

v1::MemoryModule module_of(const smbios::MemoryDevice& device, std::string slot) {
  v1::MemoryModule module;
  module.set_locator(std::move(slot));
  module.set_size_bytes(device.size_bytes.value_or(0));
  if (device.type != "Unknown" && device.type != "Other") module.set_kind(device.type);
  module.set_speed(device.configured_speed.value_or(device.speed.value_or(0)));
  module.set_vendor(clean_identity(device.manufacturer));
  module.set_part_number(clean_identity(device.part_number));
  return module;
}

// Whether another of them has the same text there.
template <typename Parts, typename Text>
bool is_shared(const Parts& parts, Text text, const std::string& value) {
  return std::count_if(parts.begin(), parts.end(),
                       [text, &value](const auto& each) { return each.*text == value; }) > 1;
}

// Boards that count their slots anew in each bank ("DIMM 0") tell them apart by both.
std::string name_of_slot(const smbios::Smbios& table, const smbios::MemoryDevice& device) {
  std::string name = clean_identity(device.locator);
  const std::string bank = clean_identity(device.bank);
  if (name.empty()) return bank;
  if (!bank.empty() &&
      is_shared(table.memory_devices, &smbios::MemoryDevice::locator, device.locator))
    name = bank + " " + name;
  return name;
}

v1::PowerSupplyState state_of(const smbios::PowerSupply& supply) {
  if (!supply.present) return v1::POWER_SUPPLY_STATE_ABSENT;
  if (supply.unplugged) return v1::POWER_SUPPLY_STATE_UNPLUGGED;
  if (supply.status == "OK") return v1::POWER_SUPPLY_STATE_OK;
  if (supply.status == "Non-critical") return v1::POWER_SUPPLY_STATE_WARNING;
  if (supply.status == "Critical") return v1::POWER_SUPPLY_STATE_FAILED;
  return v1::POWER_SUPPLY_STATE_UNSPECIFIED;
}

}  // namespace

v1::MachineIdentity machine_identity(const smbios::Smbios& table) {
  v1::MachineIdentity machine;
  if (table.system) {
    machine.set_vendor(clean_identity(table.system->manufacturer));
    machine.set_model(clean_identity(table.system->product));
    machine.set_serial(clean_identity(table.system->serial));
  }
  if (!table.boards.empty()) {
    machine.set_board_vendor(clean_identity(table.boards.front().manufacturer));
    machine.set_board_model(clean_identity(table.boards.front().product));
  }
  if (!table.chassis.empty()) {
    const std::string& type = table.chassis.front().type;
    if (type != "Other" && type != "Unknown") machine.set_chassis(type);
  }
  return machine;
}

std::vector<v1::Processor> processors_of(const smbios::Smbios& table) {
  std::vector<v1::Processor> processors;
  for (const smbios::Processor& each : table.processors) {
    if (!each.populated) continue;
    v1::Processor& processor = processors.emplace_back();
    processor.set_socket(clean_identity(each.socket));
    processor.set_model(clean_identity(each.version));
    processor.set_cores(each.cores.value_or(0));
    processor.set_threads(each.threads.value_or(0));
  }
  return processors;
}

v1::Memory memory_of(const smbios::Smbios& table, std::vector<v1::MemoryModule>& modules) {
  v1::Memory memory;
  bool is_all_told = true;
  uint64_t total = 0;
  for (const smbios::MemoryDevice& device : table.memory_devices) {
    if (!is_of_the_system(table, device)) continue;
    if (device.size_bytes == 0) {
      memory.set_empty_slots(memory.empty_slots() + 1);
      continue;
    }
    total += device.size_bytes.value_or(0);
    is_all_told = is_all_told && device.size_bytes.has_value();
    modules.push_back(module_of(device, name_of_slot(table, device)));
  }
  if (is_all_told) memory.set_total_bytes(total);
  for (const smbios::MemoryArray& array : table.memory_arrays) {
    if (array.use != "System Memory") continue;
    if (array.error_correction != "Unknown" && array.error_correction != "Other")
      memory.set_error_correction(array.error_correction);
    break;
  }
  return memory;
}

std::vector<v1::PowerSupply> power_supplies_of(const smbios::Smbios& table) {
  std::vector<v1::PowerSupply> supplies;
  for (const smbios::PowerSupply& each : table.power_supplies) {
    v1::PowerSupply& supply = supplies.emplace_back();
    supply.set_location(clean_identity(each.location));
    // What all of them have in common names none.
    if (supply.location().empty() ||
        is_shared(table.power_supplies, &smbios::PowerSupply::location, each.location)) {
      supply.set_location(fmt::format("{}", supplies.size()));
    }
    supply.set_vendor(clean_identity(each.manufacturer));
    supply.set_model(clean_identity(each.name));
    supply.set_watts(each.max_watts.value_or(0));
    supply.set_state(state_of(each));
  }
  return supplies;
}

}  // namespace muster::hardware
