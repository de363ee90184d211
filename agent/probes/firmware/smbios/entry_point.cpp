#include "agent/probes/firmware/smbios/entry_point.h"

#include <absl/status/status.h>

#include <algorithm>
#include <numeric>

#include "agent/probes/firmware/little_endian.h"

namespace muster::smbios {
namespace {

// Bytes of a structure that has its checksum add up to zero.
bool adds_up(std::string_view bytes) {
  const auto add = [](uint8_t sum, char c) {
    return static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
  };
  return std::accumulate(bytes.begin(), bytes.end(), uint8_t{0}, add) == 0;
}

absl::Status broken(const char* what) {
  return absl::InvalidArgumentError(what);
}

// Versions that no specification has, and what their makers meant, as dmidecode tells them.
Version meant(Version version) {
  if (version == Version{2, 0x1f} || version == Version{2, 0x21}) return {2, 3};
  if (version == Version{2, 0x33}) return {2, 6};
  return version;
}

// 5.2.2.
absl::StatusOr<EntryPoint> parse_64_bit(std::string_view bytes) {
  constexpr size_t kLength = 0x18;
  if (bytes.size() < kLength) return broken("the SMBIOS entry point is cut short");
  const size_t length = firmware::byte_at(bytes, 0x06);
  if (length < kLength || length > bytes.size() || !adds_up(bytes.substr(0, length))) {
    return broken("the SMBIOS entry point has a wrong checksum");
  }
  return EntryPoint{.version = {firmware::byte_at(bytes, 0x07), firmware::byte_at(bytes, 0x08)},
                    .table_length = firmware::number_at<uint32_t>(bytes, 0x0c),
                    .table_address = firmware::number_at<uint64_t>(bytes, 0x10),
                    .structure_count = {}};
}

// 5.2.1: the part of its own that begins with "_DMI_", which DMI 2.0 had alone.
absl::StatusOr<EntryPoint> parse_legacy(std::string_view bytes) {
  constexpr size_t kLength = 0x0f;
  if (bytes.size() < kLength) return broken("the SMBIOS entry point is cut short");
  if (!adds_up(bytes.substr(0, kLength))) {
    return broken("the SMBIOS entry point has a wrong checksum");
  }
  const auto count = firmware::number_at<uint16_t>(bytes, 0x0c);
  const uint8_t revision = firmware::byte_at(bytes, 0x0e);
  return EntryPoint{
      .version = {static_cast<uint8_t>(revision >> 4), static_cast<uint8_t>(revision & 0x0f)},
      .table_length = firmware::number_at<uint16_t>(bytes, 0x06),
      .table_address = firmware::number_at<uint32_t>(bytes, 0x08),
      .structure_count = count == 0 ? std::nullopt : std::optional<uint16_t>(count)};
}

absl::StatusOr<EntryPoint> parse_32_bit(std::string_view bytes) {
  // Of version 2.1 some firmware says 1Eh, which the specification had wrong.
  constexpr size_t kLength = 0x1f;
  constexpr size_t kMistakenLength = 0x1e;
  constexpr size_t kLegacy = 0x10;
  if (bytes.size() < kLength) return broken("the SMBIOS entry point is cut short");
  const size_t length = firmware::byte_at(bytes, 0x05);
  if (length < kMistakenLength || length > bytes.size() || !adds_up(bytes.substr(0, length))) {
    return broken("the SMBIOS entry point has a wrong checksum");
  }
  if (!bytes.substr(kLegacy).starts_with("_DMI_")) {
    return broken("the SMBIOS entry point has no address of a table");
  }
  auto found = parse_legacy(bytes.substr(kLegacy));
  if (found.ok())
    found->version = meant({firmware::byte_at(bytes, 0x06), firmware::byte_at(bytes, 0x07)});
  return found;
}

}  // namespace

absl::StatusOr<EntryPoint> parse_entry_point(std::string_view bytes) {
  if (bytes.starts_with("_SM3_")) return parse_64_bit(bytes);
  if (bytes.starts_with("_SM_")) return parse_32_bit(bytes);
  if (bytes.starts_with("_DMI_")) return parse_legacy(bytes);
  return broken("this is no SMBIOS entry point");
}

}  // namespace muster::smbios
