// How versions of firmware are written: the formats that fwupd has for numbers (its documentation,
// enum FwupdVersionFormat, version 2.1.4), under its names, and those of vendors' texts. A text of
// one format says nothing in another: which one it is, whoever writes the baseline says. Pure; any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace muster::firmware {

enum class VersionFormat {
  // A text without order: it is the same or another one.
  kPlain,
  // fwupd's.
  kNumber,
  kPair,
  kTriplet,
  kQuad,
  kBcd,
  kIntelMe,
  kIntelMe2,
  kIntelCsme19,
  kSurfaceLegacy,
  kSurface,
  kDellBios,
  kDellBiosMsb,
  kHex,
  kCompalBios,
  // Numbers between dots, as many as there are: what is absent is zero ("2.1" is "2.1.0"), and
  // leading zeros say nothing ("7.00.30" is "7.0.30"). After a dash, a build.
  kDotted,
  // The same of hexadecimal numbers.
  kDottedHex,
  // With a letter at the end: "3.4" < "3.4a" < "3.4b".
  kDottedLetter,
  kMonthDayYear,
  kIsoDate,
  kCompactDate,
  kDayMonthYear,
  // Of vendors: vendor_versions.h.
  kHpeRom,
  kHpeIlo,
  kLenovoBuild,
  kIntelDrive,
  kSamsungDrive,
  kMicronDrive,
  kSeagateDrive,
  kCode,
  kMellanox,
  kBroadcomNic,
  kIntelNic,
  kCiscoUcs,
};

struct VersionFormatRow {
  VersionFormat format;
  // As baselines write it: "dell-bios".
  std::string_view name;
  // One of it, for complaints.
  std::string_view example;
};

// Every format, in the order of the enumeration.
std::span<const VersionFormatRow> all_version_formats();
const VersionFormatRow& row_of(VersionFormat format);
std::string_view version_format_name(VersionFormat format);
std::vector<std::string_view> version_format_names();
std::optional<VersionFormat> parse_version_format(std::string_view name);

}  // namespace muster::firmware
