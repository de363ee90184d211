// Where the SMBIOS table is and of which version it is: the entry point structures of DSP0134 5.2,
// as /sys/firmware/dmi/tables/smbios_entry_point has one. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::smbios {

struct Version {
  uint8_t major = 0;
  uint8_t minor = 0;
  bool operator==(const Version&) const = default;
};

struct EntryPoint {
  Version version;
  // Bytes; of a 64 bit entry point the most that there may be.
  uint32_t table_length = 0;
  // In memory, or in a dump of the table the offset in the file.
  uint64_t table_address = 0;
  // How many structures the table has. Unset of a 64 bit entry point, and where the firmware says
  // none: the table goes to its end-of-table structure.
  std::optional<uint16_t> structure_count;
};

// Of "_SM3_", "_SM_" or the older "_DMI_". InvalidArgument where it is none, is cut short, or its
// checksum is wrong: a table is read by its version, and a guessed one gives wrong facts.
absl::StatusOr<EntryPoint> parse_entry_point(std::string_view bytes);

}  // namespace muster::smbios
