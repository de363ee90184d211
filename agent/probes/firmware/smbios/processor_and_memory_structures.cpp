#include "agent/probes/firmware/smbios/structure_readers.h"
#include "agent/probes/firmware/smbios/words.h"

namespace muster::smbios {
namespace {

// 7.5: a byte, whose 255 sends to a word further behind; 0 is not known.
std::optional<uint32_t> count_of(const Structure& structure, size_t offset, size_t wide_offset) {
  constexpr uint8_t kMore = 0xff;
  const auto narrow = structure.number<uint8_t>(offset);
  if (!narrow || *narrow == 0) return std::nullopt;
  if (*narrow != kMore) return *narrow;
  const auto wide = structure.number<uint16_t>(wide_offset);
  // Before version 3.0 255 was a number.
  if (!wide) return kMore;
  return *wide == 0 || *wide == 0xffff ? std::nullopt : std::optional<uint32_t>(*wide);
}

// 7.5.2: a byte, whose 254 sends to a word further behind.
std::optional<uint16_t> family_of(const Structure& structure) {
  constexpr uint8_t kSeeFamily2 = 0xfe;
  const auto family = structure.number<uint8_t>(0x06);
  if (family == kSeeFamily2) return structure.number<uint16_t>(0x28);
  return family == 0 ? std::nullopt : std::optional<uint16_t>(family);
}

// 7.18: a word, whose 65,535 sends to a double word further behind; 0 is not known.
std::optional<uint32_t> speed_of(const Structure& structure, size_t offset, size_t wide_offset) {
  const auto narrow = structure.number<uint16_t>(offset);
  if (!narrow || *narrow == 0) return std::nullopt;
  if (*narrow != 0xffff) return *narrow;
  const auto wide = structure.number<uint32_t>(wide_offset);
  return wide && (*wide & 0x7fffffff) != 0 ? std::optional<uint32_t>(*wide & 0x7fffffff)
                                           : std::nullopt;
}

// 7.18, offset 0Ch, and 7.18.5.
std::optional<uint64_t> size_of(const Structure& structure) {
  constexpr uint16_t kUnknown = 0xffff;
  constexpr uint16_t kSeeExtended = 0x7fff;
  const auto size = structure.number<uint16_t>(0x0c);
  if (!size || *size == kUnknown) return std::nullopt;
  if (*size == kSeeExtended) {
    const auto extended = structure.number<uint32_t>(0x1c);
    if (!extended) return std::nullopt;
    return uint64_t{*extended & 0x7fffffff} << 20;
  }
  // The highest bit: the others count KiB, and not MiB.
  return (*size & 0x8000) != 0 ? uint64_t{*size & 0x7fffu} << 10 : uint64_t{*size} << 20;
}

std::optional<uint64_t> max_capacity_of(const Structure& structure) {
  constexpr uint32_t kSeeExtended = 0x80000000;
  const auto kibibytes = structure.number<uint32_t>(0x07);
  if (!kibibytes) return std::nullopt;
  if (*kibibytes != kSeeExtended) return uint64_t{*kibibytes} << 10;
  return structure.number<uint64_t>(0x0f);
}

}  // namespace

Processor read_processor(const Structure& structure) {
  constexpr uint8_t kPopulated = 0x40;
  constexpr uint8_t kStatus = 0x07;
  const auto speed = structure.number<uint16_t>(0x14);
  const uint8_t status = structure.number<uint8_t>(0x18).value_or(0);
  return {.socket = structure.text(0x04),
          .populated = (status & kPopulated) != 0,
          .status = std::string(processor_status_word(status & kStatus)),
          .family = family_of(structure),
          .manufacturer = structure.text(0x07),
          .version = structure.text(0x10),
          .serial = structure.text(0x20),
          .part_number = structure.text(0x22),
          .max_speed = speed == 0 ? std::nullopt : speed,
          .cores = count_of(structure, 0x23, 0x2a),
          .enabled_cores = count_of(structure, 0x24, 0x2c),
          .threads = count_of(structure, 0x25, 0x2e)};
}

MemoryArray read_memory_array(const Structure& structure) {
  return {.handle = structure.handle(),
          .use = std::string(memory_use_word(structure.number<uint8_t>(0x05).value_or(0))),
          .error_correction =
              std::string(error_correction_word(structure.number<uint8_t>(0x06).value_or(0))),
          .max_capacity_bytes = max_capacity_of(structure),
          .slots = structure.number<uint16_t>(0x0d)};
}

MemoryDevice read_memory_device(const Structure& structure) {
  const auto attributes = structure.number<uint8_t>(0x1b);
  const uint8_t ranks = attributes.value_or(0) & 0x0f;
  return {.array_handle = structure.number<uint16_t>(0x04),
          .locator = structure.text(0x10),
          .bank = structure.text(0x11),
          .size_bytes = size_of(structure),
          .form_factor = std::string(form_factor_word(structure.number<uint8_t>(0x0e).value_or(0))),
          .type = std::string(memory_type_word(structure.number<uint8_t>(0x12).value_or(0))),
          .speed = speed_of(structure, 0x15, 0x54),
          .configured_speed = speed_of(structure, 0x20, 0x58),
          .manufacturer = structure.text(0x17),
          .serial = structure.text(0x18),
          .part_number = structure.text(0x1a),
          .asset_tag = structure.text(0x19),
          .ranks = ranks == 0 ? std::nullopt : std::optional<uint8_t>(ranks),
          .firmware_version = structure.text(0x2b)};
}

}  // namespace muster::smbios
