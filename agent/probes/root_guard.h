// Looks at the files that a library is about to open by itself: it follows links out of an image,
// waits on a FIFO and reads whatever size. Calls block; any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <vector>

namespace muster::probe {

inline constexpr size_t kMostFilesOfDirectory = 4096;
// Of one file. The largest list of Debian is 100 MB unpacked.
inline constexpr uintmax_t kLargestFile = uintmax_t{1} << 30;

// OK if each of `files` and every entry of `directories` (as the looked-at system names them;
// missing ones are fine) may be opened by its path: it is a regular file or a directory, of
// bearable size, and no link leads elsewhere than it would from inside. The error names the first
// that may not.
absl::Status check_openable(const std::string& root, const std::vector<std::string>& files,
                            const std::vector<std::string>& directories);

// OK if `root` + path is the same file or directory as the looked-at system sees at each path, or
// there is none: for a library that puts the two together.
absl::Status check_joined(const std::string& root, const std::vector<std::string>& paths);

}  // namespace muster::probe
