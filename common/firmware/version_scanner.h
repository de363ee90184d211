// Reads a version's text from its start, piece by piece. Every call takes what it asks for, or
// leaves the text as it is and says so. Owned by who reads; one thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::firmware {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
inline bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
inline bool is_letter(char c) {
  return is_upper(c) || is_lower(c);
}
inline bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
inline bool is_code_character(char c) {
  return is_digit(c) || is_upper(c);
}
// Digits before letters, as vendors count on: 9, A, B.
inline uint64_t rank_of(char c) {
  return is_digit(c) ? static_cast<uint64_t>(c - '0') : static_cast<uint64_t>(c - 'A') + 10;
}

class VersionScanner {
 public:
  explicit VersionScanner(std::string_view text) : rest_(text) {}

  bool is_done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // At most `most` characters of a kind; empty for none.
  std::string_view take_while(bool (*is_one)(char), size_t most = std::string_view::npos) {
    size_t size = 0;
    while (size < rest_.size() && size < most && is_one(rest_[size]))
      ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // Exactly so many digits. More than 18 are none.
  std::optional<uint64_t> take_digits(size_t count) {
    if (count > rest_.size()) return std::nullopt;
    for (size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
    }
    return take_number_of(count, 10);
  }

  // As many digits as there are, 1 to 18: more say no version that anyone can count.
  std::optional<uint64_t> take_number() { return take_run(&is_digit, 18, 10); }
  // 1 to `most` hexadecimal digits, at most 16.
  std::optional<uint64_t> take_hex(size_t most) { return take_run(&is_hex_digit, most, 16); }

  // Numbers between dots, 1 to 8 of them. Leaves a dot that no number follows.
  std::optional<std::vector<uint64_t>> take_dotted(bool is_hex = false) {
    std::vector<uint64_t> numbers;
    while (true) {
      const std::string_view before = rest_;
      if (!numbers.empty() && !take(".")) break;
      const std::optional<uint64_t> number = is_hex ? take_hex(4) : take_number();
      if (!number) {
        rest_ = before;
        break;
      }
      numbers.push_back(*number);
      if (numbers.size() > 8) return std::nullopt;
    }
    if (numbers.empty()) return std::nullopt;
    return numbers;
  }

 private:
  std::optional<uint64_t> take_run(bool (*is_one)(char), size_t most, int base) {
    size_t size = 0;
    while (size < rest_.size() && is_one(rest_[size]))
      ++size;
    if (size == 0 || size > most) return std::nullopt;
    return take_number_of(size, base);
  }

  std::optional<uint64_t> take_number_of(size_t size, int base) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + size, number, base);
    if (error != std::errc() || end != rest_.data() + size) return std::nullopt;
    rest_.remove_prefix(size);
    return number;
  }

  std::string_view rest_;
};

}  // namespace muster::firmware
