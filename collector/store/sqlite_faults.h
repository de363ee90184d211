// Failpoints inside SQLite: a VFS that stands before every operation that writes and hands all
// others on. Databases opened while failpoints are armed go through it; in builds without
// failpoints all of this is nothing.
#pragma once

#include "common/failpoint.h"

namespace muster::collector {

#if MUSTER_FAILPOINTS

// The name of the VFS to open with; null: SQLite's own. Any thread.
const char* vfs_of_this_build();

// What this thread is doing with the store, for as long as the object lives: part of the subject of
// the failpoints below it, so that a test can tell a write inside COMMIT from others.
class StoreMoment {
 public:
  explicit StoreMoment(const char* name);
  ~StoreMoment();
  StoreMoment(const StoreMoment&) = delete;
  StoreMoment& operator=(const StoreMoment&) = delete;

 private:
  const char* const before_;
};

#else

inline const char* vfs_of_this_build() {
  return nullptr;
}

class StoreMoment {
 public:
  explicit StoreMoment(const char*) {}
  // Not trivial, so that nobody warns of one that is not used.
  ~StoreMoment() {}
};

#endif

}  // namespace muster::collector
