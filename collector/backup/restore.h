// `muster-collector restore`: a state directory out of a backup. It is put together beside the
// place where it is to be, and moved there when it is whole: whatever fails or is killed before,
// the place is as it was. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"

namespace muster::collector {

struct RestoreRequest {
  std::string backup;
  std::string passphrase;
  // The state directory to make.
  std::string directory;
  // What is there is kept aside, under another name.
  bool replace = false;
  // Another file of revocations: one that was written after the backup, elsewhere.
  std::string revocations;
  // There is no such file: hosts that were revoked after the backup get in again.
  bool nobody_revoked_since = false;
};

struct Restored {
  std::string directory;
  // Where what was there is now; empty: nothing was.
  std::string kept_aside;
  uint64_t hosts = 0;
  uint64_t revocations = 0;
  // Join tokens that the backup had, which are not valid any more.
  uint64_t tokens = 0;
  // The configuration, if the backup has it.
  std::string config_path;
  // For the operator, a sentence each.
  std::vector<std::string> notes;
};

// AlreadyExists: the directory is not empty. FailedPrecondition: a collector runs on it, or it is
// not known who was revoked since. Else see open_backup.
absl::StatusOr<Restored> restore(const RestoreRequest& request, const Clock& clock);

}  // namespace muster::collector
