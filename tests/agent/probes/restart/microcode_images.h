// Files of microcode, made of what the parsers look at: tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

inline std::string little_endian(uint32_t value, size_t size = 4) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

struct IntelUpdate {
  uint32_t revision = 0;
  uint32_t signature = 0;
  uint32_t platforms = 0;
  // Signatures and platforms of its extended table.
  std::vector<std::pair<uint32_t, uint32_t>> more = {};
  // Of the first kind, which says neither of its sizes.
  bool old_kind = false;
};

// Header version, revision, date, signature, checksum, loader revision, platforms, sizes.
inline std::string intel_update(const IntelUpdate& update) {
  constexpr uint32_t kData = 2000;
  std::string table;
  if (!update.more.empty()) {
    table = little_endian(static_cast<uint32_t>(update.more.size())) + std::string(16, '\0');
    for (const auto& [signature, platforms] : update.more)
      table += little_endian(signature) + little_endian(platforms) + little_endian(0);
  }
  const auto size = static_cast<uint32_t>(48 + kData + table.size());
  return little_endian(1) + little_endian(update.revision) + little_endian(0x11222023) +
         little_endian(update.signature) + little_endian(0) + little_endian(1) +
         little_endian(update.platforms) + little_endian(update.old_kind ? 0 : kData) +
         little_endian(update.old_kind ? 0 : size) + std::string(12, '\0') +
         std::string(kData, 'x') + table;
}

struct AmdPatch {
  uint32_t revision = 0;
  uint32_t id = 0;
};

// The magic, a table of {signature, id} with its empty end, and the patches.
inline std::string amd_container(const std::vector<std::pair<uint32_t, uint32_t>>& table,
                                 const std::vector<AmdPatch>& patches) {
  std::string entries;
  for (const auto& [signature, id] : table) {
    entries += little_endian(signature) + std::string(8, '\0') + little_endian(id, 2) +
               std::string(2, '\0');
  }
  entries += std::string(16, '\0');
  std::string file = "DMA" + std::string(1, '\0') + little_endian(0) +
                     little_endian(static_cast<uint32_t>(entries.size())) + entries;
  for (const AmdPatch& patch : patches) {
    std::string body = little_endian(0x20231122) + little_endian(patch.revision) +
                       std::string(16, '\0') + little_endian(patch.id, 2);
    body.resize(3200, 'x');
    file += little_endian(1) + little_endian(static_cast<uint32_t>(body.size())) + body;
  }
  return file;
}

}  // namespace muster::test
