#include "common/firmware/version_format.h"

#include <array>

namespace muster::firmware {
namespace {

constexpr auto kFormats = std::to_array<VersionFormatRow>({
    {VersionFormat::kPlain, "plain", "any text"},
    {VersionFormat::kNumber, "number", "20250915"},
    {VersionFormat::kPair, "pair", "1.21"},
    {VersionFormat::kTriplet, "triplet", "1.2.3"},
    {VersionFormat::kQuad, "quad", "1.2.3.4"},
    {VersionFormat::kBcd, "bcd", "1.10"},
    {VersionFormat::kIntelMe, "intel-me", "11.11.50.1402"},
    {VersionFormat::kIntelMe2, "intel-me2", "11.8.50.3460"},
    {VersionFormat::kIntelCsme19, "intel-csme19", "19.0.0.1857"},
    {VersionFormat::kSurfaceLegacy, "surface-legacy", "137.2706.768"},
    {VersionFormat::kSurface, "surface", "6.25.136"},
    {VersionFormat::kDellBios, "dell-bios", "1.15.2"},
    {VersionFormat::kDellBiosMsb, "dell-bios-msb", "1.15.2"},
    {VersionFormat::kHex, "hex", "0x2006e05"},
    {VersionFormat::kCompalBios, "compal-bios", "12.3f"},
    {VersionFormat::kDotted, "dotted", "7.00.30.00 or 51.16.0-5150"},
    {VersionFormat::kDottedHex, "dotted-hex", "97.00.B9.00.69"},
    {VersionFormat::kDottedLetter, "dotted-letter", "3.4a"},
    {VersionFormat::kMonthDayYear, "mm/dd/yyyy", "03/16/2023"},
    {VersionFormat::kIsoDate, "yyyy-mm-dd", "2023-03-16"},
    {VersionFormat::kCompactDate, "yyyymmdd", "20230316"},
    {VersionFormat::kDayMonthYear, "dd.mm.yyyy", "16.03.2023"},
    {VersionFormat::kHpeRom, "hpe-rom", "U30 v2.78 (03/16/2023)"},
    {VersionFormat::kHpeIlo, "hpe-ilo", "2.78 Mar 16 2023"},
    {VersionFormat::kLenovoBuild, "lenovo-build", "IVE178E or N2IETA2W (1.80 )"},
    {VersionFormat::kIntelDrive, "intel-drive", "VDV10184"},
    {VersionFormat::kSamsungDrive, "samsung-drive", "EDA7602Q or 2B2QEXM7"},
    {VersionFormat::kMicronDrive, "micron-drive", "E2MU200"},
    {VersionFormat::kSeagateDrive, "seagate-drive", "SN05"},
    {VersionFormat::kCode, "code", "0ACJT018"},
    {VersionFormat::kMellanox, "mellanox", "16.35.3502 (MT_0000000080)"},
    {VersionFormat::kBroadcomNic, "broadcom-nic", "220.0.59.0/pkg 220.0.83.0"},
    {VersionFormat::kIntelNic, "intel-nic", "6.20 0x80004200 1.3353.0"},
    {VersionFormat::kCiscoUcs, "cisco-ucs", "4.2(3e)"},
});

}  // namespace

std::span<const VersionFormatRow> all_version_formats() {
  return kFormats;
}

const VersionFormatRow& row_of(VersionFormat format) {
  return kFormats.at(static_cast<size_t>(format));
}

std::string_view version_format_name(VersionFormat format) {
  return row_of(format).name;
}

std::vector<std::string_view> version_format_names() {
  std::vector<std::string_view> names;
  for (const VersionFormatRow& row : kFormats)
    names.push_back(row.name);
  return names;
}

std::optional<VersionFormat> parse_version_format(std::string_view name) {
  for (const VersionFormatRow& row : kFormats) {
    if (row.name == name) return row.format;
  }
  return std::nullopt;
}

}  // namespace muster::firmware
