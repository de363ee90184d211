// The outbox's directory: reads and writes its files, takes damaged ones out of the way, and clears
// what a crash left. It knows files, not which of them matter.
//
//   00000000000000000042-packages-apt.version   one version with its facts
//   cursor                                      the epoch, and what is acknowledged in it
//   *.damaged                                   what could not be read back, for a look by hand
//
// One thread owns it; calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/outbox/outbox_file.h"
#include "common/files.h"

namespace muster::agent {

// A version file may hold as much as a section, and what surrounds it.
inline constexpr size_t kVersionFileLimit = 4 << 20;
// Damaged files that are kept; the oldest go.
inline constexpr size_t kDamagedLimit = 16;

// What the cursor may have: 10,000 targets with long names have some 3 MiB.
inline constexpr size_t kCursorLimit = 16 << 20;

// As write_files_atomically; a test puts a full disk here.
using FileWriter =
    std::function<std::vector<absl::Status>(std::span<const FileToWrite> files, mode_t mode)>;

// A version file that is to be written.
struct SealedVersion {
  VersionFileName name;
  std::string bytes;
};

class OutboxDirectory {
 public:
  OutboxDirectory(std::string path, FileWriter write);

  // A version as it was found.
  struct Found {
    StoredVersion stored;
    size_t bytes = 0;
  };
  struct Content {
    // By number.
    std::map<uint64_t, Found> versions;
    // Whether there was a cursor that could be read.
    bool has_cursor = false;
    v1::SyncResponse cursor;
    // Above every number that was ever seen here.
    uint64_t next_number = 1;
  };
  // Makes the directory (0700) if it is missing and reads everything in it, without the facts.
  // Damaged files are set aside; temporary files are removed. An error is one of the directory.
  absl::StatusOr<Content> load();

  // Reads one version with its facts. DataLoss: it was damaged and is set aside now. NotFound:
  // gone.
  absl::StatusOr<StoredVersion> read(const VersionFileName& name);
  // How each went.
  std::vector<absl::Status> write(std::span<const SealedVersion> versions);
  void remove(const VersionFileName& name);

  absl::Status write_cursor(const v1::SyncResponse& cursor);
  // Whether none is there now.
  bool remove_cursor();

  // Files set aside since the start.
  uint64_t damaged() const { return damaged_; }

 private:
  std::string path_of(std::string_view name) const;
  void set_aside(const std::string& name, const absl::Status& why);
  void remove_oldest_damaged() const;

  std::string path_;
  FileWriter write_;
  uint64_t damaged_ = 0;
};

}  // namespace muster::agent
