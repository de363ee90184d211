// What a controller at NVMe says that it is: the answer to Identify with CNS 01h (NVM Express Base
// Specification 2.0c, 5.17.2.1, figure 275). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::nvme {

inline constexpr size_t kIdentifyBytes = 4096;

struct Controller {
  // Who made it, and who sells it, as PCI numbers them.
  uint16_t vendor_id = 0;
  uint16_t subsystem_vendor_id = 0;
  // Empty where they are blank.
  std::string serial;
  std::string model;
  // The revision that runs.
  std::string firmware;
  // Of the specification: "1.4.0"; empty where it is not told, before 1.2.
  std::string specification;
  // "I/O", "discovery", "administrative"; empty where it is not told, before 1.4.
  std::string type;
  // Whether it takes new firmware at all.
  bool takes_firmware = false;
  // How many slots it has for firmware, 1 to 7; unset where it says 0, which no controller may.
  std::optional<uint8_t> slots;
  // Slot 1 has what it was delivered with.
  bool first_slot_read_only = false;
  // Whether new firmware can run without a reset.
  bool activates_without_reset = false;
};

// InvalidArgument where there are not exactly kIdentifyBytes.
absl::StatusOr<Controller> parse_identify_controller(std::string_view bytes);

}  // namespace muster::nvme
