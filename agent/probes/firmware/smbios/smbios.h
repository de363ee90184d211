// What a machine says of itself in SMBIOS (DMTF DSP0134 3.7.1): the structures that tell what it is
// and which firmware it has. Pure; any thread.
//
// Texts are as the maker wrote them, printable and without blanks around them; "To be filled by
// O.E.M." is one of these. Empty, or unset for a number: it is not told. Words for a number
// ("DIMM") are the specification's; of a number that it does not have the word is empty.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/firmware/smbios/entry_point.h"

namespace muster::smbios {

// "2.78"; the parts are unset where there are none.
struct Release {
  std::optional<uint8_t> major;
  std::optional<uint8_t> minor;
};

// Type 0.
struct Bios {
  std::string vendor;
  std::string version;
  // As it is written, and as an ISO day: "2016-11-08"; empty where it is no day.
  std::string release_date;
  std::string release_day;
  Release release;
  Release embedded_controller;
};

// Type 1.
struct System {
  std::string manufacturer;
  std::string product;
  std::string version;
  std::string serial;
  // "4c4c4544-0039-3010-8048-b7c04f384432"; empty where none is set.
  std::string uuid;
  std::string sku;
  std::string family;
};

// Type 2.
struct Board {
  std::string manufacturer;
  std::string product;
  std::string version;
  std::string serial;
  std::string asset_tag;
  std::string location;
};

// Type 3.
struct Chassis {
  std::string manufacturer;
  // "Rack Mount Chassis"
  std::string type;
  std::string version;
  std::string serial;
  std::string asset_tag;
  std::string sku;
};

// Type 4: a socket.
struct Processor {
  std::string socket;
  bool populated = false;
  // "Enabled", "Disabled By User", "Disabled By BIOS" (an error of its self-test), "Idle".
  std::string status;
  // The specification's number (7.5.2).
  std::optional<uint16_t> family;
  std::string manufacturer;
  std::string version;
  std::string serial;
  std::string part_number;
  // MHz.
  std::optional<uint16_t> max_speed;
  std::optional<uint32_t> cores;
  std::optional<uint32_t> enabled_cores;
  std::optional<uint32_t> threads;
};

// Type 16.
struct MemoryArray {
  // What its devices say that they belong to.
  uint16_t handle = 0;
  // "System Memory"; of the BIOS's own chip "Flash Memory".
  std::string use;
  // "Multi-bit ECC", "None".
  std::string error_correction;
  std::optional<uint64_t> max_capacity_bytes;
  std::optional<uint16_t> slots;
};

// Type 17: a slot.
struct MemoryDevice {
  // Of the array that it is one of: not each is memory of the system.
  std::optional<uint16_t> array_handle;
  // "DIMM_A3"
  std::string locator;
  std::string bank;
  // 0: nothing is plugged in. Unset: it is not known.
  std::optional<uint64_t> size_bytes;
  std::string form_factor;
  // "DDR4"
  std::string type;
  // MT/s: what it can, and what it does.
  std::optional<uint32_t> speed;
  std::optional<uint32_t> configured_speed;
  std::string manufacturer;
  std::string serial;
  std::string part_number;
  std::string asset_tag;
  std::optional<uint8_t> ranks;
  std::string firmware_version;
};

// Type 38.
struct Ipmi {
  // "KCS", "SMIC", "BT", "SSIF".
  std::string interface;
  // "2.0"
  std::string specification;
};

// Type 39.
struct PowerSupply {
  std::string location;
  std::string name;
  std::string manufacturer;
  std::string serial;
  std::string part_number;
  std::string revision;
  std::optional<uint16_t> max_watts;
  bool present = false;
  bool unplugged = false;
  // "OK", "Non-critical", "Critical", "Unknown", "Other".
  std::string status;
};

// Type 43.
struct Tpm {
  // Four letters: "INTC".
  std::string vendor;
  // "2.0"
  std::string specification;
  // "7.85"
  std::string firmware_version;
  std::string description;
};

// Type 45, of version 3.5: what the machine says that it has of firmware.
struct FirmwareEntry {
  std::string name;
  std::string version;
  // "Free-form", "Major.minor", "32-bit hexadecimal", "64-bit hexadecimal".
  std::string version_format;
  std::string id;
  std::string release_date;
  std::string manufacturer;
  std::string lowest_version;
  // "Enabled", "Disabled", "Absent", ...
  std::string state;
};

struct Smbios {
  Version version;
  // Unset where the table has no such structure; of several the first.
  std::optional<Bios> bios;
  std::optional<System> system;
  std::vector<Board> boards;
  std::vector<Chassis> chassis;
  std::vector<Processor> processors;
  std::vector<MemoryArray> memory_arrays;
  std::vector<MemoryDevice> memory_devices;
  std::vector<PowerSupply> power_supplies;
  std::optional<Ipmi> ipmi;
  std::optional<Tpm> tpm;
  std::vector<FirmwareEntry> firmware;
  // Why not all of the table was read, a sentence; empty: it was.
  std::string cut_short;
};

// `table` as /sys/firmware/dmi/tables/DMI has it, with version and count of its entry point. Never
// fails: of bytes that are no table, nothing is told and `cut_short` says why.
Smbios parse_table(std::string_view table, Version version,
                   std::optional<uint16_t> structure_count = std::nullopt);

// A file as `dmidecode --dump-bin` writes it: an entry point whose address is an offset in the
// file. InvalidArgument where it has none, or the offset is outside.
absl::StatusOr<Smbios> parse_dump(std::string_view dump);

// "11/08/2016", or of before version 2.3 "11/08/99", as "2016-11-08"; empty where it is no day.
std::string iso_day(std::string_view release_date);

}  // namespace muster::smbios
