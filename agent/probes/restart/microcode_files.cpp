#include "agent/probes/restart/microcode_files.h"

#include <algorithm>
#include <cstddef>

namespace muster::restart {
namespace {

// Little-endian, of `size` bytes at `at`; 0 beyond the end.
uint32_t number_at(std::string_view bytes, size_t at, size_t size = 4) {
  uint32_t value = 0;
  for (size_t i = 0; i < size && at + i < bytes.size(); ++i)
    value |= uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string_view take(std::string_view& bytes, size_t size) {
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(taken.size());
  return taken;
}

void raise(std::optional<uint32_t>& revision, uint32_t other) {
  revision = std::max(revision.value_or(0), other);
}

constexpr size_t kIntelHeader = 48;
constexpr size_t kIntelOldData = 2000;
constexpr size_t kIntelTableHeader = 20;
constexpr size_t kIntelTableEntry = 12;

// Whether one update is for the processor: by its header, or by its extended signature table.
bool is_for(std::string_view update, size_t data_size, uint32_t signature, uint32_t platform) {
  if (number_at(update, 12) == signature && (number_at(update, 24) & platform) != 0) return true;
  std::string_view table = update.substr(kIntelHeader + data_size);
  if (table.size() < kIntelTableHeader) return false;
  uint32_t count = number_at(table, 0);
  table.remove_prefix(kIntelTableHeader);
  for (; count > 0 && table.size() >= kIntelTableEntry; --count) {
    if (number_at(table, 0) == signature && (number_at(table, 4) & platform) != 0) return true;
    table.remove_prefix(kIntelTableEntry);
  }
  return false;
}

constexpr uint32_t kAmdMagic = 0x00414d44;
constexpr uint32_t kAmdTable = 0;
constexpr uint32_t kAmdPatch = 1;
constexpr size_t kAmdTableEntry = 16;
constexpr size_t kAmdPatchHeader = 64;

// The id that stands for the processor in this container; 0: none.
uint32_t equivalent_id(std::string_view table, uint32_t signature) {
  for (; table.size() >= kAmdTableEntry; table.remove_prefix(kAmdTableEntry)) {
    const uint32_t processor = number_at(table, 0);
    if (processor == 0) break;
    if (processor == signature) return number_at(table, 12, 2);
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::optional<uint32_t>> intel_revision(std::string_view file, uint32_t signature,
                                                       uint32_t platform) {
  std::optional<uint32_t> revision;
  while (!file.empty()) {
    if (file.size() < kIntelHeader || number_at(file, 0) != 1) {
      return absl::InvalidArgumentError("it has no header of an update where one should be");
    }
    // Updates of the first kind say 0 for both sizes.
    size_t data_size = number_at(file, 28);
    size_t size = number_at(file, 32);
    if (data_size == 0) {
      data_size = kIntelOldData;
      size = kIntelHeader + kIntelOldData;
    }
    if (size > file.size() || data_size > size || size - data_size < kIntelHeader) {
      return absl::InvalidArgumentError("an update in it is larger than what is left of it");
    }
    const std::string_view update = take(file, size);
    if (is_for(update, data_size, signature, platform)) raise(revision, number_at(update, 4));
  }
  return revision;
}

absl::StatusOr<std::optional<uint32_t>> amd_revision(std::string_view file, uint32_t signature) {
  std::optional<uint32_t> revision;
  uint32_t id = 0;
  bool has_table = false;
  while (!file.empty()) {
    const bool begins = number_at(file, 0) == kAmdMagic;
    if (begins) take(file, 4);
    if (begins ? number_at(file, 0) != kAmdTable : !has_table) {
      return absl::InvalidArgumentError("it has no table of processors at its beginning");
    }
    const uint32_t kind = number_at(file, 0);
    const uint32_t size = number_at(file, 4);
    if (file.size() < 8 || size > file.size() - 8) {
      return absl::InvalidArgumentError("a section in it is larger than what is left of it");
    }
    take(file, 8);
    const std::string_view section = take(file, size);
    if (begins) {
      id = equivalent_id(section, signature);
      has_table = true;
    } else if (kind == kAmdPatch && section.size() >= kAmdPatchHeader) {
      if (id != 0 && number_at(section, 24, 2) == id) raise(revision, number_at(section, 4));
    } else {
      return absl::InvalidArgumentError("it is no container of microcode");
    }
  }
  return revision;
}

}  // namespace muster::restart
