// The files in which operators hold packages: dnf's and yum's versionlock.list, zypper's locks.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_rpm {

struct PackageLock {
  // "foo-0:1.2-1.*" in dnf's words; zypper's is a name, with * and ?.
  std::string pattern;
  // Of dnf: that version is left out, and others are not.
  bool excludes_it = false;
  // Of zypper: what is installed of that name stays.
  bool as_installed = false;
};

inline constexpr size_t kMostLocks = 5000;

// One a line, "!" before what is left out, "#" before a comment.
std::vector<PackageLock> dnf_locks(std::string_view text);
// Stanzas of "key: value", apart by empty lines. Those of packages by name count; of what else a
// lock may be, `others` has the number.
std::vector<PackageLock> zypper_locks(std::string_view text, size_t& others);

}  // namespace muster::packages_rpm
