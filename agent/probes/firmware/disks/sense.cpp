#include "agent/probes/firmware/disks/sense.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/disks/disk_bytes.h"
#include "agent/probes/firmware/disks/sense_words.h"

namespace muster::firmware {
namespace {

constexpr size_t kHeader = 8;
// What both formats can count.
constexpr size_t kMost = 252;

// Byte 7 says how many follow.
std::string_view told(std::string_view bytes) {
  return bytes.substr(0, std::min(kHeader + byte_at(bytes, 7), kMost));
}

}  // namespace

absl::StatusOr<Sense> parse_sense(std::string_view bytes) {
  if (bytes.size() < kHeader) return absl::InvalidArgumentError("sense data is cut off");
  bytes = told(bytes);
  const auto byte_or_zero = [bytes](size_t at) {
    return at < bytes.size() ? byte_at(bytes, at) : uint8_t{0};
  };
  Sense sense;
  // The highest bit says whether a field of the fixed format means something.
  switch (const int format = byte_at(bytes, 0) & 0x7f) {
    case 0x70:
    case 0x71:
      sense.deferred = format == 0x71;
      sense.key = byte_at(bytes, 2) & 0x0f;
      sense.code = byte_or_zero(12);
      sense.qualifier = byte_or_zero(13);
      return sense;
    case 0x72:
    case 0x73:
      sense.deferred = format == 0x73;
      sense.has_descriptors = true;
      sense.key = byte_at(bytes, 1) & 0x0f;
      sense.code = byte_at(bytes, 2);
      sense.qualifier = byte_at(bytes, 3);
      return sense;
    default:
      return absl::InvalidArgumentError("these bytes are no sense data");
  }
}

std::string_view sense_descriptor(std::string_view bytes, uint8_t type) {
  const absl::StatusOr<Sense> sense = parse_sense(bytes);
  if (!sense.ok() || !sense->has_descriptors) return {};
  constexpr size_t kDescriptorHeader = 2;
  for (std::string_view rest = told(bytes).substr(kHeader); rest.size() >= kDescriptorHeader;) {
    const size_t size = kDescriptorHeader + byte_at(rest, 1);
    if (size > rest.size()) return {};
    if (byte_at(rest, 0) == type) return rest.substr(0, size);
    rest.remove_prefix(size);
  }
  return {};
}

std::string sense_text(const Sense& sense) {
  const std::string words = sense_code_words(sense.code, sense.qualifier);
  return fmt::format("{}{}{} ({:02x}/{:02x})", sense_key_word(sense.key), words.empty() ? "" : ": ",
                     words, sense.code, sense.qualifier);
}

}  // namespace muster::firmware
