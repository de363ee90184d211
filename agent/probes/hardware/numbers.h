// Whole numbers as sysfs and the device mapper write them. Pure; any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::hardware {

// Of decimal digits alone; unset of anything else, and of one that 64 bits do not hold.
inline std::optional<uint64_t> whole_number(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// The same for a field of 32 bits: its largest where it is more, 0 where it is no number.
inline uint32_t small_number(std::string_view text) {
  const uint64_t number = whole_number(text).value_or(0);
  return number > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(number);
}

// How much of `total` is done, percent, by tens: what is told of it changes ten times, not with
// each look. Unset where there is no total, or more than that is done.
inline std::optional<uint32_t> tens_of_percent(uint64_t done, uint64_t total) {
  if (total == 0 || done > total) return std::nullopt;
  return static_cast<uint32_t>(static_cast<double>(done) / static_cast<double>(total) * 10) * 10;
}

}  // namespace muster::hardware
