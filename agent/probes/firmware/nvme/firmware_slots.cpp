#include "agent/probes/firmware/nvme/firmware_slots.h"

#include <absl/status/status.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probes/firmware/little_endian.h"
#include "agent/probes/firmware/nvme/reply_fields.h"

namespace muster::nvme {
namespace {

constexpr size_t kRevisionBytes = 8;

// What a slot holds, counted from 1, of which the log says `role`; an error where there is nothing.
absl::StatusOr<std::string> revision_of(const FirmwareSlots& slots, uint8_t slot,
                                        const Controller& controller, std::string_view role) {
  const size_t count = std::min<size_t>(controller.slots.value_or(kMostSlots), kMostSlots);
  if (slot > count) {
    return absl::FailedPreconditionError(
        fmt::format("slot {} {}, and there are {}", slot, role, count));
  }
  const std::string& revision = slots.revisions.at(slot - size_t{1});
  if (revision.empty()) {
    return absl::FailedPreconditionError(fmt::format("slot {} {} and holds nothing", slot, role));
  }
  return revision;
}

}  // namespace

absl::StatusOr<FirmwareSlots> parse_firmware_slots(std::string_view bytes) {
  if (auto checked = check_size(bytes, kFirmwareSlotBytes, "the log of firmware slots");
      !checked.ok())
    return checked;
  // AFI: bits 2:0 and 6:4.
  const uint8_t active = firmware::byte_at(bytes, 0);
  FirmwareSlots slots{.active = static_cast<uint8_t>(active & 0x07),
                      .next = static_cast<uint8_t>(active >> 4 & 0x07),
                      .revisions = {}};
  for (size_t i = 0; i < kMostSlots; ++i)
    slots.revisions.at(i) = text_at(bytes, 8 + i * kRevisionBytes, kRevisionBytes);
  return slots;
}

absl::StatusOr<FirmwareNowAndNext> tell_firmware(const Controller& controller,
                                                 const FirmwareSlots& slots) {
  if (controller.firmware.empty())
    return absl::FailedPreconditionError("the controller does not say which firmware runs");
  if (slots.active == 0)
    return absl::FailedPreconditionError("the log does not say which slot runs");
  const auto active = revision_of(slots, slots.active, controller, "runs");
  if (!active.ok()) return active.status();
  if (*active != controller.firmware && slots.next != slots.active) {
    return absl::FailedPreconditionError(fmt::format("slot {} runs and holds {}, but {} runs",
                                                     slots.active, *active, controller.firmware));
  }
  FirmwareNowAndNext told{.running = controller.firmware, .next = {}};
  if (slots.next == 0) return told;
  auto next = revision_of(slots, slots.next, controller, "is next");
  if (!next.ok()) return next.status();
  if (*next != controller.firmware) told.next = *std::move(next);
  return told;
}

}  // namespace muster::nvme
