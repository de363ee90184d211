// Files of sysfs and procfs below a root, and which device they are of. Calls block; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// Entries of a directory that are looked at: more than any machine has slots.
inline constexpr size_t kMostEntries = 256;
// A file of sysfs is a page at most (Documentation/filesystems/sysfs.rst).
inline constexpr size_t kPage = 4096;

class SystemFiles {
 public:
  // Both outlive it. What exists and could not be read is added to `unreadable`.
  SystemFiles(const std::string& root, std::vector<v1::UnreadableSource>& unreadable)
      : root_(root), unreadable_(unreadable) {}

  // Entries of a directory, in byte order; none where there is no such directory, or where it has
  // more than `limit`, which is noted.
  std::vector<std::string> list(const std::string& directory, size_t limit = kMostEntries);
  bool exists(const std::string& path) const;
  // The whole file; empty where there is none.
  std::string content(const std::string& path, size_t limit = kPage);
  // Its first line, trimmed and printable, at most 128 bytes.
  std::string line(const std::string& path);
  // "0000:3b:00.0": the last part of the path behind all links that is an address of PCI; empty:
  // none is.
  std::string pci_address(const std::string& path) const;
  // The name of the driver that has the device, "mpt3sas"; empty: none has.
  std::string pci_driver(const std::string& address) const;

  void note(const std::string& path, std::string_view error);

 private:
  const std::string& root_;
  std::vector<v1::UnreadableSource>& unreadable_;
};

}  // namespace muster::firmware
