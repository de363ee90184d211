// A walk over the fields of a serialized message, for rules that look at few of many fields: to
// make a message of every update that waits, and free it, is most of what judging a host costs.
//
// It goes on only while the bytes are plain: short tags, no groups, text in ASCII, as a probe's are
// but for a rare name. What is not plain may be a good message all the same: then protobuf's parser
// is asked, and its answer is the only one that counts. What is plain, it takes too, provided that
// every message in it was walked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace muster::policy {

class WireReader {
 public:
  // The bytes outlive the reader and all that it gives.
  explicit WireReader(std::string_view message) : WireReader(message, all_ascii(message)) {}

  // Goes on to the next field; false at the end, and where the bytes are not plain.
  bool next();
  uint32_t field() const { return field_; }

  // The value of the field, asked for at most once, as one of these. A field of another kind is not
  // plain, and reads as 0 or empty.
  uint64_t number() { return kind_ == Kind::kNumber || stop() ? number_ : 0; }
  std::string_view text() { return take_bytes(); }
  // To be walked to its end.
  WireReader message();
  // Of a message, beside walking it.
  std::string_view bytes() const { return kind_ == Kind::kBytes ? bytes_ : std::string_view(); }

  // False: all that was read is void.
  bool plain() const { return plain_; }

 private:
  // Their numbers on the wire; https://protobuf.dev/programming-guides/encoding/
  enum class Kind : uint8_t { kNumber = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  WireReader(std::string_view message, bool is_ascii)
      : position_(message.data()), end_(message.data() + message.size()), is_ascii_(is_ascii) {}

  static bool all_ascii(std::string_view text);
  bool stop();
  // 0 where there is none; the bytes are not plain then. Most are of one byte.
  uint64_t read_varint() {
    if (position_ == end_ || static_cast<uint8_t>(*position_) >= 0x80) return read_long_varint();
    return static_cast<uint8_t>(*position_++);
  }
  uint64_t read_long_varint();
  bool read_bytes(uint64_t size);
  std::string_view take_bytes() { return kind_ == Kind::kBytes || stop() ? bytes_ : ""; }

  const char* position_;
  const char* end_;
  // So is every text in it.
  bool is_ascii_;
  bool plain_ = true;

  uint32_t field_ = 0;
  Kind kind_ = Kind::kNumber;
  uint64_t number_ = 0;
  std::string_view bytes_;
  // bytes_ may be text, which protobuf would look at whether it is asked for or not.
  bool may_be_text_ = false;
};

// Here, because a call for each field would be what costs most.
inline bool WireReader::next() {
  if (may_be_text_ && !all_ascii(bytes_)) return stop();
  may_be_text_ = false;
  if (position_ == end_) return false;
  constexpr int kKindBits = 3;
  constexpr uint64_t kKindMask = 7;
  // Tags of two bytes: fields up to 2,047.
  constexpr uint64_t kTagLimit = 1 << 14;
  const uint64_t tag = read_varint();
  field_ = static_cast<uint32_t>(tag >> kKindBits);
  if (field_ == 0 || tag >= kTagLimit) return stop();
  kind_ = static_cast<Kind>(tag & kKindMask);
  switch (kind_) {
    case Kind::kNumber:
      number_ = read_varint();
      return plain_;
    case Kind::kBytes:
      may_be_text_ = !is_ascii_;
      return read_bytes(read_varint());
    case Kind::kFixed64:
      return read_bytes(sizeof(uint64_t));
    case Kind::kFixed32:
      return read_bytes(sizeof(uint32_t));
  }
  return stop();
}

inline bool WireReader::read_bytes(uint64_t size) {
  if (size > static_cast<uint64_t>(end_ - position_)) return stop();
  bytes_ = {position_, size};
  position_ += size;
  return plain_;
}

inline WireReader WireReader::message() {
  may_be_text_ = false;
  const std::string_view bytes = take_bytes();
  return {bytes, is_ascii_ || all_ascii(bytes)};
}

}  // namespace muster::policy
