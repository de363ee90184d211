// What devices answer to muster-device-answers, for tests: by the offsets of their specifications.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "agent/asking/answer_table.h"
#include "tests/agent/probes/firmware/network/netlink_builder.h"
#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::test {

inline answers::Answer answered(std::string name, std::string text) {
  return {std::move(name), answers::Outcome::kAnswered, 0, std::move(text), ""};
}

// Identify Controller (NVM Express Base 2.0c, figure 275) of a drive with three slots.
inline std::string nvme_identity(const std::string& model, const std::string& firmware) {
  return ReplyBytes(4096)
      .text(4, 20, "S64GNE0R000001")
      .text(24, 40, model)
      .text(64, 8, firmware)
      .number<uint32_t>(80, 0x00010400)
      .number<uint8_t>(111, 1)
      .number<uint16_t>(256, 0x0004)
      .number<uint8_t>(260, 3 << 1)
      .build();
}

// The log 03h (figure 208): `active` is which slot runs, and the one that is next in bits 4 to 6.
inline std::string nvme_slots(uint8_t active, const std::string& first, const std::string& second) {
  return ReplyBytes(512).number<uint8_t>(0, active).text(8, 8, first).text(16, 8, second).build();
}

// Get Device ID (IPMI 2.0, table 20-2) of an iDRAC9.
inline std::string idrac_device_id() {
  return ReplyBytes(16)
      .number<uint8_t>(1, 0x20)
      .number<uint8_t>(2, 0x81)
      .number<uint8_t>(3, 7)
      .number<uint8_t>(4, 0x00)
      .number<uint8_t>(5, 0x02)
      .number<uint8_t>(6, 0xdf)
      .number<uint16_t>(7, 674)
      .number<uint16_t>(10, 0x0100)
      .number<uint32_t>(12, 0xad1e3c00)
      .build();
}

// Get SEL Info (table 31-2) of a log with room for 1024 records.
inline std::string event_log_info(uint16_t entries, bool overflow) {
  return ReplyBytes(15)
      .number<uint8_t>(1, 0x51)
      .number<uint16_t>(2, entries)
      .number<uint16_t>(4, static_cast<uint16_t>((1024 - entries) * 16))
      .number<uint32_t>(6, 1'795'372'876)
      .number<uint32_t>(10, 0xffffffff)
      .number<uint8_t>(14, overflow ? 0x82 : 0x02)
      .build();
}

inline constexpr uint16_t kDevlinkFamily = 0x1c;

// The kernel's message about the family, then one for each of `devices`, then its end.
template <typename... Devices>
std::string devlink_answer(const Devices&... devices) {
  std::string bytes = generic_message(
      16, 1, text_attribute(2, "devlink") + attribute(1, little_endian(kDevlinkFamily, 2)), 0);
  ((bytes += generic_message(kDevlinkFamily, kInfoGet, devices)), ...);
  return bytes + end_message();
}

// struct ethtool_drvinfo.
inline std::string driver_information(const std::string& driver, const std::string& firmware,
                                      const std::string& bus) {
  std::string bytes(196, '\0');
  bytes.replace(0, 4, std::string("\3\0\0\0", 4));
  bytes.replace(4, driver.size(), driver);
  bytes.replace(68, firmware.size(), firmware);
  bytes.replace(100, bus.size(), bus);
  return bytes;
}

}  // namespace muster::test
