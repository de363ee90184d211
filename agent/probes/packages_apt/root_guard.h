// Looks at the files that libapt-pkg is about to open by itself: it follows links out of an image,
// waits on a FIFO and reads whatever size. Calls block; any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <vector>

namespace muster::packages_apt {

inline constexpr size_t kMostFilesOfDirectory = 4096;
// Of one file. The largest list of Debian is 100 MB unpacked.
inline constexpr uintmax_t kLargestFile = uintmax_t{1} << 30;

// OK if each of `files` and every entry of `directories` (as the looked-at system names them;
// missing ones are fine) may be opened by its path: it is a regular file or a directory, of
// bearable size, and no link leads elsewhere than it would from inside. The error names the first
// that may not.
absl::Status check_openable(const std::string& root, const std::vector<std::string>& files,
                            const std::vector<std::string>& directories);

}  // namespace muster::packages_apt
