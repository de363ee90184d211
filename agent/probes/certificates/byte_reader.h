// Big-endian numbers and byte strings out of bytes from outside: what is not there reads as nothing
// and is remembered. Pure; one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  // Whether something was asked for that was not there; all after it reads as nothing, too.
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  size_t left() const { return rest_.size(); }

  // So many bytes, a view; empty where there are fewer.
  std::string_view take(size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  uint16_t number16() { return static_cast<uint16_t>(number(sizeof(uint16_t))); }
  uint32_t number32() { return number(sizeof(uint32_t)); }

 private:
  uint32_t number(size_t size) {
    uint32_t value = 0;
    for (const char c : take(size))
      value = (value << 8) | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace muster
