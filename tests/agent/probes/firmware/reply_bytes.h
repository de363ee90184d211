// Bytes as a device answers them, for tests: zeros, and fields by their offsets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::test {

class ReplyBytes {
 public:
  explicit ReplyBytes(size_t size) : bytes_(size, '\0') {}

  // Little endian.
  template <typename Number>
  ReplyBytes& number(size_t offset, Number value) {
    for (size_t i = 0; i < sizeof(Number); ++i)
      bytes_.at(offset + i) = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
    return *this;
  }
  // In a field of `size` bytes, padded with blanks.
  ReplyBytes& text(size_t offset, size_t size, std::string_view text) {
    bytes_.replace(offset, size, std::string(text) + std::string(size - text.size(), ' '));
    return *this;
  }

  const std::string& build() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace muster::test
