#include "agent/probes/packages_apt/chroot_check.h"

#include <array>
#include <string>

namespace muster::packages_apt {
namespace {

// "8:1 /": device and the part of it that is mounted at "/"; empty if nothing is. The last one
// counts: it covers those before.
std::string root_mount(std::string_view mountinfo) {
  std::string found;
  while (!mountinfo.empty()) {
    const size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    // id parent major:minor root mount-point …
    std::array<std::string_view, 5> fields;
    for (std::string_view& field : fields) {
      const size_t space = std::min(line.find(' '), line.size());
      field = line.substr(0, space);
      line.remove_prefix(std::min(space + 1, line.size()));
    }
    if (fields[4] == "/") found = std::string(fields[2]) + ' ' + std::string(fields[3]);
  }
  return found;
}

}  // namespace

bool is_chroot(std::string_view own_mountinfo, std::string_view init_mountinfo) {
  const std::string of_init = root_mount(init_mountinfo);
  if (own_mountinfo.empty() || of_init.empty()) return false;
  return root_mount(own_mountinfo) != of_init;
}

}  // namespace muster::packages_apt
