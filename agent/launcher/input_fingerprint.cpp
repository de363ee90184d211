#include "agent/launcher/input_fingerprint.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <vector>

#include "common/digest.h"

namespace muster::agent {
namespace {

constexpr int kDepthLimit = 16;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryPtr = std::unique_ptr<DIR, CloseDirectory>;

// Gathers the lines that the digest is over.
class Walk {
 public:
  // Whether the entry could be looked at (a missing one counts: it is "absent").
  bool add(const std::string& path) {
    if (++entries_ > kFingerprintEntryLimit) return false;
    struct stat link {};
    struct stat target {};
    if (::lstat(path.c_str(), &link) != 0) return add_error(path, errno);
    append(path, link);
    // A link's target may change while the link does not.
    if (!S_ISLNK(link.st_mode)) return true;
    if (::stat(path.c_str(), &target) != 0) return add_error(path, errno);
    append(path, target);
    return true;
  }

  // The directory and its entries; `depth` is how many more levels are entered.
  bool add_directory(const std::string& path, int depth) {
    if (!add(path)) return false;
    const DirectoryPtr directory(::opendir(path.c_str()));
    if (directory == nullptr) return errno == ENOENT || errno == ENOTDIR;
    std::vector<std::pair<std::string, bool>> names;
    while (const dirent* entry = ::readdir(directory.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (names.size() > kFingerprintEntryLimit) return false;
      names.emplace_back(name, entry->d_type == DT_DIR);
    }
    std::sort(names.begin(), names.end());
    return std::all_of(names.begin(), names.end(), [&](const auto& entry) {
      const std::string below = path + "/" + entry.first;
      return entry.second && depth > 0 ? add_directory(below, depth - 1) : add(below);
    });
  }

  bool add_presence(const std::string& path) {
    if (++entries_ > kFingerprintEntryLimit) return false;
    struct stat target {};
    if (::stat(path.c_str(), &target) != 0) return add_error(path, errno);
    fmt::format_to(std::back_inserter(text_), "{}:{} there\n", path.size(), path);
    return true;
  }

  std::string digest() const { return sha256(text_); }

 private:
  bool add_error(const std::string& path, int error) {
    fmt::format_to(std::back_inserter(text_), "{}:{} absent\n", path.size(), path);
    return error == ENOENT || error == ENOTDIR;
  }

  void append(const std::string& path, const struct stat& status) {
    // The length first, so that no file name can look like two entries.
    fmt::format_to(std::back_inserter(text_), "{}:{} {:o} {} {}:{} {}.{} {}.{}\n", path.size(),
                   path, status.st_mode, status.st_size, status.st_dev, status.st_ino,
                   status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                   status.st_ctim.tv_nsec);
  }

  std::string text_;
  size_t entries_ = 0;
};

}  // namespace

std::optional<std::string> input_fingerprint(const std::string& root,
                                             std::span<const ProbeInput> inputs) {
  Walk walk;
  for (const ProbeInput& input : inputs) {
    const std::string path = root + std::string(input.path);
    bool seen = false;
    switch (input.kind) {
      case ProbeInput::Kind::kFile:
        seen = walk.add(path);
        break;
      case ProbeInput::Kind::kDirectory:
        seen = walk.add_directory(path, 0);
        break;
      case ProbeInput::Kind::kTree:
        seen = walk.add_directory(path, kDepthLimit);
        break;
      case ProbeInput::Kind::kPresence:
        seen = walk.add_presence(path);
        break;
    }
    if (!seen) return std::nullopt;
  }
  return walk.digest();
}

}  // namespace muster::agent
