#include "common/policy/wire_reader.h"

#include <cstring>

namespace muster::policy {

bool WireReader::all_ascii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t seen = 0;
  uint64_t word = 0;
  while (text.size() >= sizeof(word)) {
    std::memcpy(&word, text.data(), sizeof(word));
    seen |= word;
    text.remove_prefix(sizeof(word));
  }
  for (const char c : text)
    seen |= static_cast<uint8_t>(c);
  return (seen & kHighBits) == 0;
}

bool WireReader::stop() {
  plain_ = false;
  position_ = end_;
  return false;
}

uint64_t WireReader::read_long_varint() {
  constexpr int kBits = 7;
  constexpr int kLongest = 9 * kBits;
  uint64_t value = 0;
  for (int shift = 0; shift <= kLongest && position_ != end_; shift += kBits) {
    const auto byte = static_cast<uint8_t>(*position_++);
    // The tenth byte has one bit left.
    if (shift == kLongest && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  stop();
  return 0;
}

}  // namespace muster::policy
