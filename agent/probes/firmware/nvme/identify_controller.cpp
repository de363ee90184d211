#include "agent/probes/firmware/nvme/identify_controller.h"

#include <fmt/format.h>

#include "agent/probes/firmware/little_endian.h"
#include "agent/probes/firmware/nvme/reply_fields.h"

namespace muster::nvme {
namespace {

// VER, as the register of the controller has it (3.1.3.2).
std::string specification_of(uint32_t version) {
  if (version == 0) return {};
  return fmt::format("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff);
}

// CNTRLTYPE.
std::string_view type_word(uint8_t type) {
  switch (type) {
    case 1:
      return "I/O";
    case 2:
      return "discovery";
    case 3:
      return "administrative";
    default:
      return "";
  }
}

}  // namespace

absl::StatusOr<Controller> parse_identify_controller(std::string_view bytes) {
  if (auto checked = check_size(bytes, kIdentifyBytes, "Identify Controller"); !checked.ok())
    return checked;
  // OACS, bit 2: Firmware Commit and Firmware Image Download.
  constexpr uint16_t kTakesFirmware = 1 << 2;
  const auto commands = firmware::number_at<uint16_t>(bytes, 256);
  // FRMW: bit 0, bits 3:1, bit 4.
  const uint8_t updates = firmware::byte_at(bytes, 260);
  const auto slots = static_cast<uint8_t>(updates >> 1 & 0x07);
  return Controller{.vendor_id = firmware::number_at<uint16_t>(bytes, 0),
                    .subsystem_vendor_id = firmware::number_at<uint16_t>(bytes, 2),
                    .serial = text_at(bytes, 4, 20),
                    .model = text_at(bytes, 24, 40),
                    .firmware = text_at(bytes, 64, 8),
                    .specification = specification_of(firmware::number_at<uint32_t>(bytes, 80)),
                    .type = std::string(type_word(firmware::byte_at(bytes, 111))),
                    .takes_firmware = (commands & kTakesFirmware) != 0,
                    .slots = slots == 0 ? std::nullopt : std::optional<uint8_t>(slots),
                    .first_slot_read_only = (updates & 0x01) != 0,
                    .activates_without_reset = (updates & 0x10) != 0};
}

}  // namespace muster::nvme
