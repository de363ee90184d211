#include "agent/probes/firmware/smbios/words.h"

#include <array>

namespace muster::smbios {
namespace {

// Numbers count from `first`.
template <size_t kCount>
std::string_view word(const std::array<std::string_view, kCount>& words, uint8_t number,
                      uint8_t first = 1) {
  return number < first || number - first >= static_cast<int>(kCount) ? std::string_view()
                                                                      : words[number - first];
}

}  // namespace

std::string_view chassis_type_word(uint8_t type) {
  static constexpr std::array<std::string_view, 0x24> kWords = {
      "Other",
      "Unknown",
      "Desktop",
      "Low Profile Desktop",
      "Pizza Box",
      "Mini Tower",
      "Tower",
      "Portable",
      "Laptop",
      "Notebook",
      "Hand Held",
      "Docking Station",
      "All In One",
      "Sub Notebook",
      "Space-saving",
      "Lunch Box",
      "Main Server Chassis",
      "Expansion Chassis",
      "Sub Chassis",
      "Bus Expansion Chassis",
      "Peripheral Chassis",
      "RAID Chassis",
      "Rack Mount Chassis",
      "Sealed-case PC",
      "Multi-system",
      "CompactPCI",
      "AdvancedTCA",
      "Blade",
      "Blade Enclosing",
      "Tablet",
      "Convertible",
      "Detachable",
      "IoT Gateway",
      "Embedded PC",
      "Mini PC",
      "Stick PC",
  };
  return word(kWords, type & 0x7f);
}

std::string_view processor_status_word(uint8_t status) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "Unknown", "Enabled", "Disabled By User", "Disabled By BIOS", "Idle", "", "", "Other"};
  return word(kWords, status, 0);
}

std::string_view memory_use_word(uint8_t use) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "Other",        "Unknown",          "System Memory", "Video Memory",
      "Flash Memory", "Non-volatile RAM", "Cache Memory"};
  return word(kWords, use);
}

std::string_view error_correction_word(uint8_t type) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "Other", "Unknown", "None", "Parity", "Single-bit ECC", "Multi-bit ECC", "CRC"};
  return word(kWords, type);
}

std::string_view form_factor_word(uint8_t form_factor) {
  static constexpr std::array<std::string_view, 0x11> kWords = {
      "Other", "Unknown", "SIMM",         "SIP",  "Chip",   "DIP",   "ZIP",     "Proprietary Card",
      "DIMM",  "TSOP",    "Row Of Chips", "RIMM", "SODIMM", "SRIMM", "FB-DIMM", "Die",
      "CAMM"};
  return word(kWords, form_factor);
}

std::string_view memory_type_word(uint8_t type) {
  static constexpr std::array<std::string_view, 0x24> kWords = {"Other",
                                                                "Unknown",
                                                                "DRAM",
                                                                "EDRAM",
                                                                "VRAM",
                                                                "SRAM",
                                                                "RAM",
                                                                "ROM",
                                                                "Flash",
                                                                "EEPROM",
                                                                "FEPROM",
                                                                "EPROM",
                                                                "CDRAM",
                                                                "3DRAM",
                                                                "SDRAM",
                                                                "SGRAM",
                                                                "RDRAM",
                                                                "DDR",
                                                                "DDR2",
                                                                "DDR2 FB-DIMM",
                                                                "",
                                                                "",
                                                                "",
                                                                "DDR3",
                                                                "FBD2",
                                                                "DDR4",
                                                                "LPDDR",
                                                                "LPDDR2",
                                                                "LPDDR3",
                                                                "LPDDR4",
                                                                "Logical non-volatile device",
                                                                "HBM",
                                                                "HBM2",
                                                                "DDR5",
                                                                "LPDDR5",
                                                                "HBM3"};
  return word(kWords, type);
}

std::string_view ipmi_interface_word(uint8_t type) {
  static constexpr std::array<std::string_view, 5> kWords = {"Unknown", "KCS", "SMIC", "BT",
                                                             "SSIF"};
  return word(kWords, type, 0);
}

std::string_view power_supply_status_word(uint8_t status) {
  static constexpr std::array<std::string_view, 5> kWords = {"Other", "Unknown", "OK",
                                                             "Non-critical", "Critical"};
  return word(kWords, status);
}

std::string_view version_format_word(uint8_t format) {
  static constexpr std::array<std::string_view, 4> kWords = {
      "Free-form", "Major.minor", "32-bit hexadecimal", "64-bit hexadecimal"};
  return word(kWords, format, 0);
}

std::string_view firmware_state_word(uint8_t state) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "Other",  "Unknown",        "Disabled",     "Enabled",
      "Absent", "StandbyOffline", "StandbySpare", "UnavailableOffline"};
  return word(kWords, state);
}

}  // namespace muster::smbios
