// One-line files of drivers, and which device they are of. Calls block; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/firmware/adapters/adapters.h"

namespace muster::firmware {

class AdapterFiles {
 public:
  // Both outlive it. What exists and could not be read is added to `unreadable`.
  AdapterFiles(const std::string& root, std::vector<v1::UnreadableSource>& unreadable)
      : root_(root), unreadable_(unreadable) {}

  // Entries of a directory, at most kMostAdapters, in byte order; none where there is no such
  // directory.
  std::vector<std::string> list(const std::string& directory);
  // The whole file, at most 4 KiB; empty where there is none.
  std::string content(const std::string& path);
  // Its first line, trimmed and printable.
  std::string line(const std::string& path);
  // "0000:3b:00.0": the last part of the path behind all links that is an address of PCI; empty:
  // none is.
  std::string pci_address(const std::string& path) const;
  // The name of the driver that has the device, "mpt3sas"; empty: none has.
  std::string pci_driver(const std::string& address) const;

 private:
  void note(const std::string& path, std::string_view error);

  const std::string& root_;
  std::vector<v1::UnreadableSource>& unreadable_;
};

}  // namespace muster::firmware
