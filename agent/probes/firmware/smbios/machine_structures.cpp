#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/smbios/structure_readers.h"
#include "agent/probes/firmware/smbios/words.h"

namespace muster::smbios {
namespace {

// 7.1: 255 where there is no such release.
std::optional<uint8_t> release_part(std::optional<uint8_t> part) {
  return part == 0xff ? std::nullopt : part;
}

// 7.2.1: since version 2.6 the first three fields are little endian. All zeros: not set; all ones:
// not there.
std::string uuid_of(std::string_view bytes, Version version) {
  const auto all_are = [bytes](char c) {
    return std::all_of(bytes.begin(), bytes.end(), [c](char each) { return each == c; });
  };
  if (bytes.empty() || all_are('\0') || all_are('\xff')) return {};
  std::string ordered(bytes);
  if (version.major > 2 || (version.major == 2 && version.minor >= 6)) {
    std::reverse(ordered.begin(), ordered.begin() + 4);
    std::reverse(ordered.begin() + 4, ordered.begin() + 6);
    std::reverse(ordered.begin() + 6, ordered.begin() + 8);
  }
  std::string text;
  for (size_t i = 0; i < ordered.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", firmware::byte_at(ordered, i));
  }
  return text;
}

}  // namespace

Bios read_bios(const Structure& structure) {
  Bios bios{.vendor = structure.text(0x04),
            .version = structure.text(0x05),
            .release_date = structure.text(0x08),
            .release_day = {},
            .release = {release_part(structure.number<uint8_t>(0x14)),
                        release_part(structure.number<uint8_t>(0x15))},
            .embedded_controller = {release_part(structure.number<uint8_t>(0x16)),
                                    release_part(structure.number<uint8_t>(0x17))}};
  bios.release_day = iso_day(bios.release_date);
  return bios;
}

System read_system(const Structure& structure, Version version) {
  return {.manufacturer = structure.text(0x04),
          .product = structure.text(0x05),
          .version = structure.text(0x06),
          .serial = structure.text(0x07),
          .uuid = uuid_of(structure.bytes(0x08, 16), version),
          .sku = structure.text(0x19),
          .family = structure.text(0x1a)};
}

Board read_board(const Structure& structure) {
  return {.manufacturer = structure.text(0x04),
          .product = structure.text(0x05),
          .version = structure.text(0x06),
          .serial = structure.text(0x07),
          .asset_tag = structure.text(0x08),
          .location = structure.text(0x0a)};
}

Chassis read_chassis(const Structure& structure) {
  // 7.4: the SKU stands behind so many records of so many bytes.
  const size_t elements = structure.number<uint8_t>(0x13).value_or(0);
  const size_t element_size = structure.number<uint8_t>(0x14).value_or(0);
  return {.manufacturer = structure.text(0x04),
          .type = std::string(chassis_type_word(structure.number<uint8_t>(0x05).value_or(0))),
          .version = structure.text(0x06),
          .serial = structure.text(0x07),
          .asset_tag = structure.text(0x08),
          .sku = structure.text(0x15 + elements * element_size)};
}

Ipmi read_ipmi(const Structure& structure) {
  Ipmi ipmi{
      .interface = std::string(ipmi_interface_word(structure.number<uint8_t>(0x04).value_or(0))),
      .specification = {}};
  // Two digits of BCD.
  if (const auto revision = structure.number<uint8_t>(0x05))
    ipmi.specification = fmt::format("{}.{}", *revision >> 4, *revision & 0x0f);
  return ipmi;
}

PowerSupply read_power_supply(const Structure& structure) {
  constexpr uint16_t kUnknownWatts = 0x8000;
  const uint16_t characteristics = structure.number<uint16_t>(0x0e).value_or(0);
  const auto watts = structure.number<uint16_t>(0x0c);
  return {.location = structure.text(0x05),
          .name = structure.text(0x06),
          .manufacturer = structure.text(0x07),
          .serial = structure.text(0x08),
          .part_number = structure.text(0x0a),
          .revision = structure.text(0x0b),
          .max_watts = watts == kUnknownWatts ? std::nullopt : watts,
          .present = (characteristics & 0x02) != 0,
          .unplugged = (characteristics & 0x04) != 0,
          .status = std::string(
              power_supply_status_word(static_cast<uint8_t>(characteristics >> 7 & 0x07)))};
}

Tpm read_tpm(const Structure& structure) {
  Tpm tpm;
  for (const char c : structure.bytes(0x04, 4)) {
    if (c > ' ' && c <= '~') tpm.vendor += c;
  }
  const auto major = structure.number<uint8_t>(0x08);
  const auto minor = structure.number<uint8_t>(0x09);
  if (major && minor) tpm.specification = fmt::format("{}.{}", *major, *minor);
  // 7.44: of TPM 1.2 a TPM_VERSION, whose last two bytes are the revision; since 2.0 two halves of
  // a number.
  if (major == 1 && structure.number<uint32_t>(0x0a)) {
    tpm.firmware_version =
        fmt::format("{}.{}", *structure.number<uint8_t>(0x0c), *structure.number<uint8_t>(0x0d));
  } else if (const auto version = structure.number<uint32_t>(0x0a); version && major == 2) {
    tpm.firmware_version = fmt::format("{}.{}", *version >> 16, *version & 0xffff);
  }
  tpm.description = structure.text(0x12);
  return tpm;
}

FirmwareEntry read_firmware_entry(const Structure& structure) {
  return {.name = structure.text(0x04),
          .version = structure.text(0x05),
          .version_format =
              std::string(version_format_word(structure.number<uint8_t>(0x06).value_or(0xff))),
          .id = structure.text(0x07),
          .release_date = structure.text(0x09),
          .manufacturer = structure.text(0x0a),
          .lowest_version = structure.text(0x0b),
          .state = std::string(firmware_state_word(structure.number<uint8_t>(0x16).value_or(0)))};
}

}  // namespace muster::smbios
