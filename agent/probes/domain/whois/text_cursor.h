// A text that is read from its front. Pure; any thread. Points into the text that it was made of.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string_view>

#include "agent/probes/domain/whois/plain_text.h"

namespace muster::domains::whois {

inline bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
inline bool is_alpha(char byte) {
  return std::isalpha(static_cast<unsigned char>(byte)) != 0;
}

// Takes from the front of a text, and leaves it as it was where it is something else.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }

  std::string_view take_digits() {
    return take(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
  }
  std::string_view take_letters() {
    return take(std::ranges::find_if_not(rest_, is_alpha) - rest_.begin());
  }
  bool take_one(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view wanted) {
    Cursor ahead = *this;
    if (lower(ahead.take_letters()) != wanted) return false;
    *this = ahead;
    return true;
  }
  void skip(std::string_view what) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(what), rest_.size()));
  }

 private:
  std::string_view take(std::ptrdiff_t count) {
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest_;
};

}  // namespace muster::domains::whois
