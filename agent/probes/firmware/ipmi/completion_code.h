// Whether a management controller did what it was asked, and if not why: the first byte of each
// response (IPMI 2.0 revision 1.1, 5.2). Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::ipmi {

// Of table 5-2: "the controller is busy"; of a number that it leaves to commands and vendors, or
// reserves, what kind of number it is.
std::string_view completion_word(uint8_t code);

// Of a response to `command`, its completion code first. Ok: it was done, and at least `least`
// bytes are there. Unavailable: it was not, with the word (or `special_word`, where this command
// has one of its own for `special_code`). InvalidArgument: the response is cut short.
absl::Status check_response(std::string_view response, std::string_view command, size_t least,
                            uint8_t special_code = 0, std::string_view special_word = {});

}  // namespace muster::ipmi
