#include "agent/probes/firmware/disks/ata_identity.h"

#include <numeric>
#include <utility>

#include "agent/probes/firmware/disks/disk_bytes.h"
#include "agent/probes/firmware/little_endian.h"

namespace muster::firmware {
namespace {

constexpr size_t kSize = 512;

uint16_t word(std::string_view bytes, size_t index) {
  return number_at<uint16_t>(bytes, 2 * index);
}

// Of two letters in a word the first is the high byte.
std::string text(std::string_view bytes, size_t first_word, size_t last_word) {
  std::string letters(bytes.substr(2 * first_word, 2 * (last_word - first_word + 1)));
  for (size_t i = 0; i + 1 < letters.size(); i += 2)
    std::swap(letters[i], letters[i + 1]);
  return disk_text(letters);
}

// Word 255: A5h below a checksum that makes all bytes add up to zero; other disks have none.
bool is_damaged(std::string_view bytes) {
  if ((word(bytes, 255) & 0xff) != 0xa5) return false;
  const auto add = [](uint8_t sum, char c) {
    return static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
  };
  return std::accumulate(bytes.begin(), bytes.end(), uint8_t{0}, add) != 0;
}

// The bit of one word, if the two highest bits of another say that it means something.
std::optional<bool> told_bit(std::string_view bytes, size_t index, size_t guard) {
  if (word(bytes, guard) >> 14 != 1) return std::nullopt;
  return (word(bytes, index) & 1) != 0;
}

std::optional<uint16_t> rotation_rate_of(std::string_view bytes) {
  constexpr uint16_t kNothingTurns = 1;
  constexpr uint16_t kLeast = 0x0401;
  constexpr uint16_t kMost = 0xfffe;
  const uint16_t rate = word(bytes, 217);
  if (rate == kNothingTurns) return uint16_t{0};
  if (rate < kLeast || rate > kMost) return std::nullopt;
  return rate;
}

}  // namespace

absl::StatusOr<AtaIdentity> parse_ata_identity(std::string_view bytes) {
  if (bytes.size() < kSize) {
    return absl::InvalidArgumentError("what an ATA disk says it is is cut off");
  }
  bytes = bytes.substr(0, kSize);
  if (is_damaged(bytes)) {
    return absl::InvalidArgumentError("what an ATA disk says it is has a wrong checksum");
  }
  return AtaIdentity{.model = text(bytes, 27, 46),
                     .serial = text(bytes, 10, 19),
                     .firmware = text(bytes, 23, 26),
                     .smart_supported = told_bit(bytes, 82, 83),
                     .smart_enabled = told_bit(bytes, 85, 87),
                     .rotation_rate = rotation_rate_of(bytes)};
}

}  // namespace muster::firmware
