// Holds a table to what dmidecode tells of the same bytes: every field that both tell.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/firmware/smbios/smbios.h"
#include "tests/agent/probes/firmware/smbios/dmidecode.h"

namespace muster::test {

// A field as dmidecode names and writes it.
struct ComparedField {
  std::string name;
  std::string value;
};
using ComparedFields = std::vector<ComparedField>;

inline std::string text_or(const std::string& text) {
  return text.empty() ? "Not Specified" : text;
}

// "16 GB": the largest unit that it is a whole number of.
inline std::string memory_size(uint64_t bytes) {
  const char* const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (bytes >= 1024 && bytes % 1024 == 0 && unit < 5) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", bytes, units[unit]);
}

inline std::string word_or(const std::string& word) {
  return word.empty() ? "<OUT OF SPEC>" : word;
}

template <typename Number>
std::string number_or_unknown(const std::optional<Number>& number, std::string_view unit) {
  return number ? fmt::format("{} {}", *number, unit) : "Unknown";
}

inline std::string release_text(const smbios::Release& release) {
  return fmt::format("{}.{}", release.major.value_or(255), release.minor.value_or(255));
}

// By the number of the type, in the order of the table.
inline std::vector<std::pair<int, ComparedFields>> compared_fields(const smbios::Smbios& found) {
  std::vector<std::pair<int, ComparedFields>> all;
  if (found.bios) {
    all.push_back({0,
                   {{"Vendor", text_or(found.bios->vendor)},
                    {"Version", text_or(found.bios->version)},
                    {"Release Date", text_or(found.bios->release_date)},
                    {"BIOS Revision", release_text(found.bios->release)},
                    {"Firmware Revision", release_text(found.bios->embedded_controller)}}});
  }
  if (found.system) {
    all.push_back({1,
                   {{"Manufacturer", text_or(found.system->manufacturer)},
                    {"Product Name", text_or(found.system->product)},
                    {"Version", text_or(found.system->version)},
                    {"Serial Number", text_or(found.system->serial)},
                    {"UUID", found.system->uuid},
                    {"SKU Number", text_or(found.system->sku)},
                    {"Family", text_or(found.system->family)}}});
  }
  for (const smbios::Board& each : found.boards) {
    all.push_back({2,
                   {{"Manufacturer", text_or(each.manufacturer)},
                    {"Product Name", text_or(each.product)},
                    {"Version", text_or(each.version)},
                    {"Serial Number", text_or(each.serial)},
                    {"Asset Tag", text_or(each.asset_tag)},
                    {"Location In Chassis", text_or(each.location)}}});
  }
  for (const smbios::Chassis& each : found.chassis) {
    all.push_back({3,
                   {{"Manufacturer", text_or(each.manufacturer)},
                    {"Type", word_or(each.type)},
                    {"Version", text_or(each.version)},
                    {"Serial Number", text_or(each.serial)},
                    {"Asset Tag", text_or(each.asset_tag)},
                    {"SKU Number", text_or(each.sku)}}});
  }
  const auto plain = [](const std::optional<uint32_t>& number) {
    return number ? fmt::format("{}", *number) : std::string("Unknown");
  };
  for (const smbios::Processor& each : found.processors) {
    all.push_back({4,
                   {{"Socket Designation", text_or(each.socket)},
                    {"Status", each.populated ? fmt::format("Populated, {}", word_or(each.status))
                                              : std::string("Unpopulated")},
                    {"Manufacturer", text_or(each.manufacturer)},
                    {"Version", text_or(each.version)},
                    {"Max Speed", number_or_unknown(each.max_speed, "MHz")},
                    {"Serial Number", text_or(each.serial)},
                    {"Part Number", text_or(each.part_number)},
                    {"Core Count", plain(each.cores)},
                    {"Core Enabled", plain(each.enabled_cores)},
                    {"Thread Count", plain(each.threads)}}});
  }
  for (const smbios::MemoryArray& each : found.memory_arrays) {
    all.push_back({16,
                   {{"Use", word_or(each.use)},
                    {"Error Correction Type", word_or(each.error_correction)},
                    {"Maximum Capacity",
                     each.max_capacity_bytes ? memory_size(*each.max_capacity_bytes) : "Unknown"},
                    {"Number Of Devices", fmt::format("{}", each.slots.value_or(0))}}});
  }
  for (const smbios::MemoryDevice& each : found.memory_devices) {
    all.push_back({17,
                   {{"Array Handle", fmt::format("0x{:04X}", each.array_handle.value_or(0))},
                    {"Size", !each.size_bytes        ? "Unknown"
                             : *each.size_bytes == 0 ? "No Module Installed"
                                                     : memory_size(*each.size_bytes)},
                    {"Form Factor", word_or(each.form_factor)},
                    {"Locator", text_or(each.locator)},
                    {"Bank Locator", text_or(each.bank)},
                    {"Type", word_or(each.type)},
                    {"Speed", number_or_unknown(each.speed, "MT/s")},
                    {"Manufacturer", text_or(each.manufacturer)},
                    {"Serial Number", text_or(each.serial)},
                    {"Asset Tag", text_or(each.asset_tag)},
                    {"Part Number", text_or(each.part_number)},
                    {"Rank", each.ranks ? fmt::format("{}", *each.ranks) : "Unknown"},
                    {"Configured Memory Speed", number_or_unknown(each.configured_speed, "MT/s")},
                    {"Firmware Version", text_or(each.firmware_version)}}});
  }
  for (const smbios::PowerSupply& each : found.power_supplies) {
    all.push_back({39,
                   {{"Location", text_or(each.location)},
                    {"Name", text_or(each.name)},
                    {"Manufacturer", text_or(each.manufacturer)},
                    {"Serial Number", text_or(each.serial)},
                    {"Model Part Number", text_or(each.part_number)},
                    {"Revision", text_or(each.revision)},
                    {"Max Power Capacity", number_or_unknown(each.max_watts, "W")},
                    {"Status", each.present ? fmt::format("Present, {}", word_or(each.status))
                                            : std::string("Not Present")},
                    {"Plugged", each.unplugged ? "No" : "Yes"}}});
  }
  for (const smbios::FirmwareEntry& each : found.firmware) {
    all.push_back({45,
                   {{"Firmware Component Name", text_or(each.name)},
                    {"Firmware Version", text_or(each.version)},
                    {"Firmware ID", text_or(each.id)},
                    {"Release Date", text_or(each.release_date)},
                    {"Manufacturer", text_or(each.manufacturer)},
                    {"Lowest Supported Firmware Version", text_or(each.lowest_version)},
                    {"State", word_or(each.state)}}});
  }
  if (found.ipmi) all.push_back({38, {{"Specification Version", found.ipmi->specification}}});
  if (found.tpm) {
    all.push_back({43,
                   {{"Vendor ID", found.tpm->vendor},
                    {"Specification Version", found.tpm->specification},
                    {"Firmware Revision", found.tpm->firmware_version},
                    {"Description", text_or(found.tpm->description)}}});
  }
  return all;
}

// How many fields both tell, all of them the same.
inline size_t expect_as_dmidecode(const std::string& dump) {
  const auto found = smbios::parse_dump(dump);
  EXPECT_TRUE(found.ok()) << found.status();
  if (!found.ok()) return 0;
  const std::string output = dmidecode_output(dump);
  const std::vector<DecodedStructure> decoded = structures_of(output);
  // "DMI table is broken! Stop." Of one that ends between two structures it says nothing.
  const bool is_broken = !found->cut_short.empty() &&
                         found->cut_short != "the SMBIOS table has no end-of-table structure";
  EXPECT_EQ(is_broken, output.find("is broken") != std::string::npos) << found->cut_short;
  const auto ours = compared_fields(*found);
  size_t same = 0;
  std::map<int, size_t> next;
  for (const auto& [type, fields] : ours) {
    // The next structure of the type.
    size_t index = next[type]++;
    const DecodedStructure* theirs = nullptr;
    for (const DecodedStructure& each : decoded) {
      if (each.type == type && index-- == 0) {
        theirs = &each;
        break;
      }
    }
    EXPECT_NE(theirs, nullptr) << "dmidecode has no more structures of type " << type;
    if (theirs == nullptr) continue;
    for (const auto& [name, value] : fields) {
      const auto told = theirs->fields.find(name);
      if (told == theirs->fields.end()) continue;
      EXPECT_EQ(value, told->second) << "type " << type << ": " << name;
      same += value == told->second ? 1 : 0;
    }
  }
  // And dmidecode found no structure that we did not; of the first four kinds we tell the first.
  std::map<int, size_t> theirs;
  for (const DecodedStructure& each : decoded)
    ++theirs[each.type];
  for (const int type : {0, 1, 38, 43})
    EXPECT_EQ(next.contains(type), theirs.contains(type)) << "type " << type;
  for (const int type : {2, 3, 4, 16, 17, 39, 45})
    EXPECT_EQ(next[type], theirs[type]) << "type " << type;
  return same;
}

}  // namespace muster::test
