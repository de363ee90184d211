// The specification's words for its numbers (DSP0134 7). Empty where it has none. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster::smbios {

// Table 17, without the bit of the lock.
std::string_view chassis_type_word(uint8_t type);
// 7.5, offset 18h, bits 0 to 2.
std::string_view processor_status_word(uint8_t status);
// 7.17.2.
std::string_view memory_use_word(uint8_t use);
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
// Of type 45, offset 06h.
std::string_view version_format_word(uint8_t format);
// 7.46.5.
std::string_view firmware_state_word(uint8_t state);

}  // namespace muster::smbios
