#include "agent/sandbox/process_table.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/sandbox/process_text.h"
#include "common/descriptor.h"

namespace muster::agent {
namespace {

// ioctl(2) PROCMAP_QUERY with its struct procmap_query: of linux/fs.h since Linux 6.11, which
// Debian 12's headers lack, and described in Documentation/filesystems/proc.rst.
struct MappingQuery {
  uint64_t size = sizeof(MappingQuery);
  // The mapping at the address or the next (0x10), of a file (0x20), that can be executed (0x04).
  uint64_t flags = 0x34;
  uint64_t address = 0;
  uint64_t begin = 0;
  uint64_t end = 0;
  // Rights, size of pages, place in the file.
  std::array<uint64_t, 3> unused{};
  FileRecord file{};
  uint64_t path = 0;
  uint64_t build_id = 0;
};
static_assert(sizeof(MappingQuery) == 104);
constexpr unsigned long kQueryMapping = _IOWR('f', 17, MappingQuery);

// Appends a FileRecord with its path for each mapping. 0 or an errno.
int ask_for_files(int maps, std::string& records) {
  std::array<char, PATH_MAX> path;
  MappingQuery query{.path = reinterpret_cast<uintptr_t>(path.data())};
  for (query.file.path_size = path.size(); ::ioctl(maps, kQueryMapping, &query) == 0;) {
    if (records.size() > kMostOfMaps) return EFBIG;
    records.append(reinterpret_cast<const char*>(&query.file), sizeof query.file);
    records.append(path.data(), query.file.path_size);
    query.address = query.end;
    query.file.path_size = path.size();
  }
  return errno == ENOENT ? 0 : errno;
}

// Of "7f12-7f34 r-xp 00000000 fe:00 1234    /usr/lib/libc.so.6" all but the addresses; nothing of
// other lines.
std::string_view kept_of_mapping(std::string_view line) {
  const size_t rights = line.find(' ');
  const bool is_wanted = rights != std::string_view::npos && line.size() > rights + 3 &&
                         line[rights + 3] == 'x' && line.find('/') != std::string_view::npos;
  return is_wanted ? line.substr(rights + 1) : std::string_view();
}

// Appends to `text` what is kept of each line. 0 or an errno.
int copy_maps(Descriptor maps, std::string& text) {
  FILE* const file = ::fdopen(maps.release(), "r");
  if (file == nullptr) return errno;
  // It would read as little at once as the file's block size says: 1 KiB.
  std::array<char, 1 << 14> block;
  std::setvbuf(file, block.data(), _IOFBF, block.size());
  char* line = nullptr;
  size_t room = 0;
  size_t total = 0;
  ssize_t size = 0;
  while (total < kMostOfMaps && (size = ::getline(&line, &room, file)) > 0) {
    total += static_cast<size_t>(size);
    text += kept_of_mapping({line, static_cast<size_t>(size)});
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::free(line);
  std::fclose(file);
  return total < kMostOfMaps ? error : EFBIG;
}

// What tells one root from another: a mount has its own number in every mount namespace.
struct Root {
  uint64_t mount = 0;
  uint64_t inode = 0;
  bool operator==(const Root&) const = default;
};

// Of the directory at the path; of `directory` itself where that is empty.
std::optional<Root> root_at(int directory, const char* path) {
  struct statx status {};
  constexpr int kFlags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
  if (::statx(directory, path, kFlags, STATX_INO | STATX_MNT_ID, &status) != 0 ||
      (status.stx_mask & STATX_MNT_ID) == 0) {
    return std::nullopt;
  }
  return Root{status.stx_mnt_id, status.stx_ino};
}

class Gatherer {
 public:
  std::string gather(const char* proc) {
    // As much as a server has: growing there would copy it again and again.
    table_.reserve(size_t{1} << 20);
    for_each_process(proc, [this](int number, int process) { add(number, process); });
    return std::move(table_);
  }

 private:
  void add(int number, int process) {
    ProcessRecord record{.process = number, .error = EFBIG};
    std::string& texts = texts_;
    texts.clear();
    if (table_.size() < kMostOfTable) {
      record.error = copy_mappings(process, record, texts);
      const bool is_gone = record.error == ESRCH || record.error == ENOENT;
      // A thread of the kernel maps nothing.
      if (texts.empty() && (record.error == 0 || is_gone)) return;
      record.stat_size = copy_stat(process, texts);
      record.cgroup_size = copy_control_groups(process, texts);
      // Gone meanwhile.
      if (record.stat_size == 0) return;
      if (record.files_size + record.maps_size != 0) record.root = root_of(process);
    }
    table_.append(reinterpret_cast<const char*>(&record), sizeof record).append(texts);
  }

  static int copy_mappings(int process, ProcessRecord& record, std::string& texts) {
    Descriptor maps(::openat(process, "maps", O_RDONLY | O_CLOEXEC));
    if (maps.get() < 0) return errno;
    int error = ask_for_files(maps.get(), texts);
    record.files_size = static_cast<uint32_t>(texts.size());
    if (error == 0 || error == EFBIG || error == ESRCH) return error;
    // An older kernel, or a path beyond PATH_MAX.
    record.files_size = 0;
    texts.clear();
    error = copy_maps(std::move(maps), texts);
    record.maps_size = static_cast<uint32_t>(texts.size());
    return error;
  }

  int32_t root_of(int process) {
    // Nearly all have one that is open already.
    const int32_t known = number_of(root_at(process, "root"));
    if (known >= 0) return known;
    const Descriptor opened(::openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    // Once more: it may be another one by now.
    const std::optional<Root> root = root_at(opened.get(), "");
    if (!root) return -1;
    const int32_t number = number_of(root);
    if (number >= 0) return number;
    const auto next = static_cast<int>(roots_.size());
    if (next == kMostProcessRoots) return next;
    if (::dup2(opened.get(), kFirstProcessRoot + next) < 0) return -1;
    roots_.push_back(*root);
    return next;
  }

  // -1: not among those that are open, or not known.
  int32_t number_of(const std::optional<Root>& root) const {
    if (!root) return -1;
    const auto known = std::find(roots_.begin(), roots_.end(), *root);
    return known == roots_.end() ? -1 : static_cast<int32_t>(known - roots_.begin());
  }

  std::string table_;
  // Of the process that is added; kept for its memory.
  std::string texts_;
  std::vector<Root> roots_;
};

}  // namespace

std::string gather_processes(const char* proc) {
  return Gatherer().gather(proc);
}

}  // namespace muster::agent
