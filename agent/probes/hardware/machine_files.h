// Files of sysfs and procfs below a root, as the parts of this probe share them. Calls block; one
// thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "agent/probes/firmware/system_files.h"

namespace muster::hardware {

// A directory of all block devices, or of all interfaces: hosts of containers have many of both.
inline constexpr size_t kMostNames = 16384;

class MachineFiles : public firmware::SystemFiles {
 public:
  // Both outlive it.
  MachineFiles(const std::string& root, std::vector<v1::UnreadableSource>& unreadable)
      : SystemFiles(root, unreadable), root_(root) {}

  const std::string& root() const { return root_; }
  // As line(), of a file that the kernel refuses to read while there is nothing to tell, as of
  // the speed without a link: empty then, and not noted.
  std::string line_if_told(const std::string& path) const;
  // The last part of the path behind a link: "dm-3", "i40e"; empty: there is no link.
  std::string link_name(const std::string& path) const;

  // Keeps the first `most` of a list, and notes how many are left out.
  template <typename List>
  void keep(List& list, size_t most, const std::string& path, const char* what) {
    if (list.size() <= most) return;
    note(path, fmt::format("there are {} {}, {} of them are left out", list.size(), what,
                           list.size() - most));
    list.resize(most);
  }

 private:
  const std::string& root_;
};

}  // namespace muster::hardware
