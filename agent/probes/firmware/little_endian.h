// Numbers in the tables and replies of firmware: SMBIOS (DSP0134 6.1.1), NVMe and IPMI have them
// little endian. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster::firmware {

// `at` lies inside.
inline uint8_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// All of it lies inside.
template <typename Number>
Number number_at(std::string_view bytes, size_t at) {
  Number number = 0;
  for (size_t i = sizeof(Number); i-- > 0;)
    number = static_cast<Number>(number << 8 | byte_at(bytes, at + i));
  return number;
}

}  // namespace muster::firmware
