// Where `check` remembers (check_memory_file.h). Any thread.
#pragma once

#include <string>

namespace muster::agent {

// What the environment says, which who becomes root may have brought along from another user.
struct CheckMemoryPlaces {
  // XDG_STATE_HOME and HOME; null: not set.
  const char* state_home = nullptr;
  const char* home = nullptr;
  bool is_root = false;
};

// The directory, where such things are kept (XDG Base Directory Specification). Root's is one of
// its own, and what XDG_STATE_HOME names only if nobody else may put anything there or above it.
// Empty: no home.
std::string check_memory_directory(const CheckMemoryPlaces& places);

}  // namespace muster::agent
