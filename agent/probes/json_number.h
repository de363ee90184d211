// Numbers in JSON that others write. Pure; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace muster {

// A whole number, or a string that is one; unset of all else, and of what an int64_t does not hold.
// A null pointer: there is no such member.
inline std::optional<int64_t> whole_number(const boost::json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  const boost::json::string* const text = value->if_string();
  if (text == nullptr) return std::nullopt;
  int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace muster
