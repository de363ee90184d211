// Who made a management controller, by the number that IANA gave (private enterprise numbers).
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster::ipmi {

inline constexpr uint32_t kDell = 674;
inline constexpr uint32_t kGigabyte = 15370;

// As they are called: "Dell", "Supermicro". Empty of one that is not known here.
std::string_view manufacturer_name(uint32_t number);

}  // namespace muster::ipmi
