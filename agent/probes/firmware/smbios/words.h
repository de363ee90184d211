// The specification's words for its numbers (DSP0134 7). Empty where it has none. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster::smbios {

// Table 17, without the bit of the lock.
std::string_view chassis_type_word(uint8_t type);
// Table 74.
std::string_view error_correction_word(uint8_t type);
// Table 77.
std::string_view form_factor_word(uint8_t form_factor);
// Table 78.
std::string_view memory_type_word(uint8_t type);
// Table 113.
std::string_view ipmi_interface_word(uint8_t type);
// 7.40.1, bits 7 to 9.
std::string_view power_supply_status_word(uint8_t status);
// 7.46.5.
std::string_view firmware_state_word(uint8_t state);

}  // namespace muster::smbios
