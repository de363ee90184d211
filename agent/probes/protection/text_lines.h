// Lines and words of a text that a product wrote. Pure; any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "common/text.h"

namespace muster::protection {

// The text up to `end`, which goes with it; all of it where there is none.
inline std::string_view take_until(std::string_view& text, char end) {
  const size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

// The next line, without white space at its ends.
inline std::string_view take_line(std::string_view& text) {
  return trim(take_until(text, '\n'));
}

// The next word, and white space around it; empty at the end.
inline std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

// The whole text is a number of that type.
template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end && !text.empty();
}

}  // namespace muster::protection
