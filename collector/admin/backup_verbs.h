// `muster-collector backup` and `restore`: each writes to stdout and returns the exit status, as
// the verbs of verbs.h do. One thread; calls block.
#pragma once

#include <string>

#include "collector/admin/verbs.h"
#include "collector/backup/restore.h"

namespace muster::collector {

struct BackupRequest {
  std::string out;
  // "-": stdin.
  std::string passphrase_file;
};

// The collector (or this program, when none runs) puts together what is backed up; this program
// encrypts it, so the passphrase and the place of the backup stay with whoever asked.
int make_backup(const Config& config, const Clock& clock, const BackupRequest& request);

// `request` without its passphrase, which is read here.
int restore_backup(const Clock& clock, RestoreRequest request, const std::string& passphrase_file);

}  // namespace muster::collector
