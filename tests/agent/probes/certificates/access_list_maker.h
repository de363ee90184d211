// The value of system.posix_acl_access as linux/posix_acl_xattr.h lays it out, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace muster::test {

// Tags: 1 owner, 2 user, 4 owning group, 8 group, 16 mask, 32 others. Rights: 4 read, 2 write.
struct AccessEntry {
  uint16_t tag;
  uint16_t rights;
  uint32_t id;
};

inline std::string access_list(const std::vector<AccessEntry>& entries) {
  std::string value("\2\0\0\0", 4);
  const auto append = [&value](uint32_t number, int bytes) {
    for (int i = 0; i < bytes; ++i)
      value += static_cast<char>(number >> (8 * i));
  };
  for (const AccessEntry& entry : entries) {
    append(entry.tag, 2);
    append(entry.rights, 2);
    // Entries that name nobody have the number of nobody.
    append(entry.tag == 2 || entry.tag == 8 ? entry.id : 0xFFFFFFFF, 4);
  }
  return value;
}

}  // namespace muster::test
