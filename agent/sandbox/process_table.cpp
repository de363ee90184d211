#include "agent/sandbox/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "common/descriptor.h"

namespace muster::agent {
namespace {

// Of "7f12-7f34 r-xp 00000000 fe:00 1234    /usr/lib/libc.so.6" all but the addresses; nothing of
// other lines.
std::string_view kept_of_mapping(std::string_view line) {
  const size_t rights = line.find(' ');
  const bool is_wanted = rights != std::string_view::npos && line.size() > rights + 3 &&
                         line[rights + 3] == 'x' && line.find('/') != std::string_view::npos;
  return is_wanted ? line.substr(rights + 1) : std::string_view();
}

// Up to the time of its start, which is the 20th word after the name: addresses follow.
std::string_view kept_of_stat(std::string_view line) {
  size_t end = line.rfind(')');
  for (int word = 0; word <= 20 && end != std::string_view::npos; ++word)
    end = line.find(' ', end + 1);
  return line.substr(0, end);
}

// Appends to `text` what `keep` keeps of each line, whole lines only. 0 or an errno.
int copy_lines(int directory, const char* name, size_t most,
               std::string_view (*keep)(std::string_view), std::string& text) {
  const Descriptor file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return errno;
  std::array<char, 1 << 14> block;
  std::string rest;
  for (size_t total = 0; total < most;) {
    const ssize_t count = ::read(file.get(), block.data(), std::min(block.size(), most - total));
    if (count <= 0) return count < 0 ? errno : 0;
    total += static_cast<size_t>(count);
    rest.append(block.data(), static_cast<size_t>(count));
    size_t from = 0;
    for (size_t end = 0; (end = rest.find('\n', from)) != std::string::npos; from = end + 1) {
      const std::string_view line(rest.data() + from, end + 1 - from);
      text += keep(line);
    }
    rest.erase(0, from);
  }
  return EFBIG;
}

std::string_view all_of(std::string_view line) {
  return line;
}

// What tells one root from another: a mount has its own number in every mount namespace.
struct Root {
  uint64_t mount = 0;
  uint64_t inode = 0;
  bool operator==(const Root&) const = default;
};

class Gatherer {
 public:
  std::string gather(const char* proc) {
    DIR* const directory = ::opendir(proc);
    if (directory == nullptr) return {};
    while (const dirent* const entry = ::readdir(directory)) {
      if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) continue;
      const Descriptor process(
          ::openat(::dirfd(directory), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (process.get() >= 0) add(std::atoi(entry->d_name), process.get());
    }
    ::closedir(directory);
    return std::move(table_);
  }

 private:
  void add(int number, int process) {
    ProcessRecord record{.process = number, .error = EFBIG};
    std::string texts;
    if (table_.size() < kMostOfTable) {
      copy_lines(process, "stat", kMostOfSmallText, &kept_of_stat, texts);
      record.stat_size = static_cast<uint32_t>(texts.size());
      copy_lines(process, "cgroup", kMostOfSmallText, &all_of, texts);
      record.cgroup_size = static_cast<uint32_t>(texts.size()) - record.stat_size;
      record.error = copy_lines(process, "maps", kMostOfMaps, &kept_of_mapping, texts);
      record.maps_size =
          static_cast<uint32_t>(texts.size()) - record.stat_size - record.cgroup_size;
      // Gone meanwhile.
      if (record.stat_size == 0 || record.error == ESRCH || record.error == ENOENT) return;
      if (record.maps_size != 0) record.root = root_of(process);
    }
    table_.append(reinterpret_cast<const char*>(&record), sizeof record).append(texts);
  }

  int32_t root_of(int process) {
    const Descriptor opened(::openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct statx status {};
    if (::statx(opened.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID,
                &status) != 0 ||
        (status.stx_mask & STATX_MNT_ID) == 0) {
      return -1;
    }
    const Root root{status.stx_mnt_id, status.stx_ino};
    const auto known = std::find(roots_.begin(), roots_.end(), root);
    const auto number = static_cast<int>(known - roots_.begin());
    if (known != roots_.end()) return number;
    if (number == kMostProcessRoots || ::dup2(opened.get(), kFirstProcessRoot + number) < 0) {
      return -1;
    }
    roots_.push_back(root);
    return number;
  }

  std::string table_;
  std::vector<Root> roots_;
};

}  // namespace

std::string gather_processes(const char* proc) {
  return Gatherer().gather(proc);
}

}  // namespace muster::agent
