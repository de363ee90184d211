// The file of `check`'s memory (check_memory.h). Where `check` runs as root it gives up root before
// it reads what probes wrote; who writes the file at the end is then a process that was started
// before, which stores a text that looks like such a memory and does nothing else. One thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string>
#include <string_view>

#include "common/descriptor.h"

namespace muster::agent {

class CheckMemoryFile {
 public:
  // Makes the file's directories where they are missing, and reads the file, as who runs now.
  // Before there are threads. An error: there is nowhere to remember, and why.
  static absl::StatusOr<CheckMemoryFile> open(const std::string& path);

  CheckMemoryFile(CheckMemoryFile&& other) noexcept;
  CheckMemoryFile& operator=(CheckMemoryFile&& other) = delete;
  ~CheckMemoryFile();

  // As it was when it was opened; empty: there was none.
  const std::string& text() const { return text_; }
  const std::string& path() const { return path_; }
  // Where a damaged one is put when it is replaced.
  std::string damaged_path() const { return path_ + ".damaged"; }

  // Once: replaces the file, with 0600. `keep_old`: what was there is put aside.
  absl::Status replace(std::string_view text, bool keep_old);

 private:
  CheckMemoryFile(std::string path, std::string text);
  absl::Status start_writer();
  absl::Status write(std::string_view text, bool keep_old) const;
  [[noreturn]] void serve(const Descriptor& from) const;
  int wait_for_writer();

  std::string path_;
  std::string text_;
  // Of the process that writes; none: this one does.
  Descriptor to_writer_;
  pid_t writer_ = -1;
};

}  // namespace muster::agent
