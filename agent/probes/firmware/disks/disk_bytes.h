// Fields of what disks answer. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/probes/firmware/little_endian.h"

namespace muster::firmware {

// What any of their texts may be long, in bytes.
inline constexpr size_t kLongestDiskText = 256;

// Big endian, as all numbers of SCSI. Both bytes lie inside.
inline uint16_t disk_number(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

// A text in a field that is filled with blanks or, against the specification, with NUL: printable,
// without either at its ends.
std::string disk_text(std::string_view field);

}  // namespace muster::firmware
