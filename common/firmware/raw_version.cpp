#include "common/firmware/raw_version.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <initializer_list>
#include <vector>

namespace muster::firmware {
namespace {

// The number's bits from the highest down, cut into parts of these widths, between dots. Bits
// above them all say nothing.
std::string dotted(uint64_t raw, std::initializer_list<unsigned> widths) {
  unsigned below = 0;
  for (const unsigned width : widths)
    below += width;
  std::vector<uint64_t> parts;
  for (const unsigned width : widths) {
    below -= width;
    parts.push_back((raw >> below) & ((uint64_t{1} << width) - 1));
  }
  return fmt::format("{}", fmt::join(parts, "."));
}

// Two decimal digits in a byte. Where one is above nine, it is counted on, as fwupd does.
unsigned decimal(uint32_t byte) {
  return ((byte >> 4) & 0x0f) * 10 + (byte & 0x0f);
}

// Intel's management engine: three bits that begin to count at that of the first generation that
// has this form, then 5, 8 and 16 bits.
std::string from_generation(uint32_t raw, unsigned first) {
  return fmt::format("{}.{}", (raw >> 29) + first, dotted(raw, {5, 8, 16}));
}

absl::Status has_none(VersionFormat format, unsigned bits) {
  return absl::InvalidArgumentError(
      fmt::format("the format {} has no numbers of {} bits", version_format_name(format), bits));
}

}  // namespace

absl::StatusOr<std::string> format_version(uint32_t raw, VersionFormat format) {
  switch (format) {
    case VersionFormat::kPlain:
    case VersionFormat::kNumber:
      return fmt::format("{}", raw);
    case VersionFormat::kPair:
      return dotted(raw, {16, 16});
    case VersionFormat::kTriplet:
      return dotted(raw, {8, 8, 16});
    case VersionFormat::kQuad:
      return dotted(raw, {8, 8, 8, 8});
    case VersionFormat::kBcd:
      return fmt::format("{}.{}.{}.{}", decimal(raw >> 24), decimal(raw >> 16), decimal(raw >> 8),
                         decimal(raw));
    case VersionFormat::kIntelMe:
      return from_generation(raw, 11);
    case VersionFormat::kIntelMe2:
      return dotted(raw, {4, 4, 8, 16});
    case VersionFormat::kIntelCsme19:
      return from_generation(raw, 19);
    case VersionFormat::kSurfaceLegacy:
      return dotted(raw, {10, 12, 10});
    case VersionFormat::kSurface:
      return dotted(raw, {8, 16, 8});
    case VersionFormat::kDellBios:
      return dotted(raw, {8, 8, 8});
    case VersionFormat::kDellBiosMsb:
      return dotted(raw >> 8, {8, 8, 8});
    case VersionFormat::kHex:
      return fmt::format("{:#010x}", raw);
    case VersionFormat::kCompalBios:
      return fmt::format("{:02x}.{:02x}", (raw >> 8) & 0xff, raw & 0xff);
    default:
      return has_none(format, 32);
  }
}

absl::StatusOr<std::string> format_version64(uint64_t raw, VersionFormat format) {
  switch (format) {
    case VersionFormat::kPlain:
    case VersionFormat::kNumber:
      return fmt::format("{}", raw);
    case VersionFormat::kPair:
      return dotted(raw, {32, 32});
    case VersionFormat::kQuad:
      return dotted(raw, {16, 16, 16, 16});
    case VersionFormat::kHex:
      return fmt::format("{:#018x}", raw);
    case VersionFormat::kCompalBios:
      return fmt::format("{:02x}.{:02x}", (raw >> 8) & 0xff, raw & 0xff);
    default:
      return has_none(format, 64);
  }
}

}  // namespace muster::firmware
