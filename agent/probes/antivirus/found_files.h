// Whether a file that was found infected is gone from this system. Its name is its owner's choice,
// and so is what is mounted where it lies: a file system of a user's own need never answer. Only
// names on local file systems are looked up. Calls block; any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster::antivirus {

// What is mounted where, of /proc/self/mountinfo (proc(5)). Pure.
class Mounts {
 public:
  // Of an empty text nothing is shown.
  explicit Mounts(std::string_view mountinfo);
  // Whether the absolute path, without links, is on a local file system, and on the host's own: not
  // in the /tmp that systemd gives a service (PrivateTmp=).
  bool shows(std::string_view path) const;

 private:
  std::map<std::string, bool, std::less<>> shown_;
};

// Those of this process.
Mounts own_mounts();

// Unset where it cannot be told. Links are followed, each with the same question; a name of more
// than 100 parts is not looked up.
std::optional<bool> is_gone(const Mounts& mounts, const std::string& path);

}  // namespace muster::antivirus
