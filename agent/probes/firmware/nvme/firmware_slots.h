// Which firmware a controller at NVMe holds, and which of it runs now and after the next reset: the
// log page 03h (NVM Express Base Specification 2.0c, 5.16.1.4, figure 208). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/probes/firmware/nvme/identify_controller.h"

namespace muster::nvme {

inline constexpr size_t kFirmwareSlotBytes = 512;
inline constexpr size_t kMostSlots = 7;

struct FirmwareSlots {
  // The slot that what runs was loaded from, counted from 1. 0, which no controller may say: none.
  uint8_t active = 0;
  // The slot that is loaded at the next reset; 0: the controller does not say.
  uint8_t next = 0;
  // What slots 1 to 7 hold; empty: nothing valid, or there is no such slot.
  std::array<std::string, kMostSlots> revisions;
};

// InvalidArgument where there are not exactly kFirmwareSlotBytes.
absl::StatusOr<FirmwareSlots> parse_firmware_slots(std::string_view bytes);

struct FirmwareNowAndNext {
  std::string running;
  // What runs after the next reset where it is another revision; empty: the same does.
  std::string next;
};

// What Identify Controller and the log say together. FailedPrecondition where one denies the other,
// or the log itself, with how: then what runs is still what `controller` says, and what will is not
// known.
//
// The slot that was loaded from may have been written to since (5.12): then it holds what comes
// next, and no contradiction is seen if the log says that this slot is loaded.
absl::StatusOr<FirmwareNowAndNext> tell_firmware(const Controller& controller,
                                                 const FirmwareSlots& slots);

}  // namespace muster::nvme
