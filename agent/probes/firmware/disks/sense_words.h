// Words for numbers of sense data: T10's meanings, in ours. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::firmware {

// "illegal request" (SPC-4, sense key descriptions). Of one that is reserved: "unknown".
std::string_view sense_key_word(uint8_t key);

// Of an additional sense code and qualifier (SPC-4, additional sense codes): those of warnings, of
// failures that a disk predicts, and of how commands for a look at it are refused. Empty for all
// others.
std::string sense_code_words(uint8_t code, uint8_t qualifier);

}  // namespace muster::firmware
