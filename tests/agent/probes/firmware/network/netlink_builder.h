// Messages of generic netlink as the kernel sends them, by their offsets: nlmsghdr of 16 bytes
// (length, type, flags, sequence, sender), genlmsghdr of four (command, version), attributes
// (length, type) aligned to four. In the order of a little-endian machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::test {

inline std::string little_endian(uint32_t number, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

inline std::string attribute(uint16_t type, std::string_view value) {
  std::string bytes = little_endian(static_cast<uint32_t>(4 + value.size()), 2) +
                      little_endian(type, 2) + std::string(value);
  bytes.resize((bytes.size() + 3) / 4 * 4, '\0');
  return bytes;
}

inline std::string text_attribute(uint16_t type, const std::string& text) {
  return attribute(type, text + '\0');
}

inline std::string message(uint16_t type, std::string_view payload, uint16_t flags = 2) {
  return little_endian(static_cast<uint32_t>(16 + payload.size()), 4) + little_endian(type, 2) +
         little_endian(flags, 2) + little_endian(7, 4) + little_endian(12124, 4) +
         std::string(payload);
}

inline std::string generic_message(uint16_t type, uint8_t command, const std::string& attributes,
                                   uint16_t flags = 2) {
  return message(type, static_cast<char>(command) + std::string("\1\0\0", 3) + attributes, flags);
}

// NLMSG_ERROR of an errno, with the header of the request that it answers.
inline std::string error_message(int number) {
  return message(2, little_endian(static_cast<uint32_t>(-number), 4) + std::string(16, '\0'), 0);
}

inline std::string end_message(int number = 0) {
  return message(3, little_endian(static_cast<uint32_t>(-number), 4));
}

// linux/devlink.h: 1 bus, 2 device, 98 driver, 99 serial number; 100, 101 and 102 a version that is
// fixed, that runs, that is stored, of a name (103) and a value (104); 146 the board's serial
// number.
inline constexpr uint8_t kInfoGet = 51;
inline constexpr uint16_t kFixed = 100;
inline constexpr uint16_t kRunning = 101;
inline constexpr uint16_t kStored = 102;

inline std::string version(uint16_t list, const std::string& name, const std::string& value) {
  return attribute(list, text_attribute(103, name) + text_attribute(104, value));
}

inline std::string device(const std::string& name, const std::string& rest = {}) {
  return text_attribute(1, "pci") + text_attribute(2, name) + rest;
}

}  // namespace muster::test
