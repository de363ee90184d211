#include "common/firmware/version_key.h"

#include <fmt/format.h>

#include <optional>

#include "common/firmware/number_versions.h"
#include "common/firmware/vendor_versions.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

std::optional<VersionKey> read(std::string_view text, VersionFormat format) {
  switch (format) {
    case VersionFormat::kPlain:
      return VersionKey{.remark = std::string(text)};
    case VersionFormat::kNumber:
      return read_numbers(text, 1);
    case VersionFormat::kPair:
      return read_numbers(text, 2);
    case VersionFormat::kTriplet:
    case VersionFormat::kSurfaceLegacy:
    case VersionFormat::kSurface:
    case VersionFormat::kDellBios:
    case VersionFormat::kDellBiosMsb:
      return read_numbers(text, 3);
    case VersionFormat::kQuad:
    case VersionFormat::kIntelMe:
    case VersionFormat::kIntelMe2:
    case VersionFormat::kIntelCsme19:
      return read_numbers(text, 4);
    case VersionFormat::kBcd:
      return read_bcd(text);
    case VersionFormat::kHex:
      return read_hex(text);
    case VersionFormat::kCompalBios:
      return read_compal_bios(text);
    case VersionFormat::kDotted:
      return read_dotted(text);
    case VersionFormat::kDottedHex:
      return read_dotted_hex(text);
    case VersionFormat::kDottedLetter:
      return read_dotted_letter(text);
    case VersionFormat::kMonthDayYear:
    case VersionFormat::kIsoDate:
    case VersionFormat::kCompactDate:
    case VersionFormat::kDayMonthYear:
      // Their names are their forms.
      return read_day(text, version_format_name(format));
    case VersionFormat::kHpeRom:
      return read_hpe_rom(text);
    case VersionFormat::kHpeIlo:
      return read_hpe_ilo(text);
    case VersionFormat::kLenovoBuild:
      return read_lenovo_build(text);
    case VersionFormat::kIntelDrive:
      return read_intel_drive(text);
    case VersionFormat::kSamsungDrive:
      return read_samsung_drive(text);
    case VersionFormat::kMicronDrive:
      return read_micron_drive(text);
    case VersionFormat::kSeagateDrive:
      return read_seagate_drive(text);
    case VersionFormat::kCode:
      return read_code(text);
    case VersionFormat::kMellanox:
      return read_mellanox(text);
    case VersionFormat::kBroadcomNic:
      return read_broadcom_nic(text);
    case VersionFormat::kIntelNic:
      return read_intel_nic(text);
    case VersionFormat::kCiscoUcs:
      return read_cisco_ucs(text);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<VersionKey> read_version(std::string_view text, VersionFormat format) {
  text = trim(text);
  if (text.empty()) return absl::InvalidArgumentError("an empty text is no version");
  if (text.size() > kLongestVersion) {
    return absl::InvalidArgumentError(fmt::format("'{}' is no version: it has more than {} bytes",
                                                  printable(text, 40), kLongestVersion));
  }
  std::optional<VersionKey> key = read(text, format);
  if (key) return *std::move(key);
  const VersionFormatRow& row = row_of(format);
  return absl::InvalidArgumentError(fmt::format("'{}' is no version of the format {}, such as {}",
                                                printable(text), row.name, row.example));
}

}  // namespace muster::firmware
