#include "common/files.h"

#include <absl/strings/ascii.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/descriptor.h"
#include "common/failpoint.h"

namespace muster {
namespace {

int write_all(int descriptor, std::string_view content, std::string_view path) {
  while (!content.empty()) {
    const ssize_t written =
        failpoint::write("file.write", path, descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

absl::Status errno_status(int error, std::string_view doing) {
  const std::string message = fmt::format("{}: {}", doing, std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    default:
      return absl::UnavailableError(message);
  }
}

absl::StatusOr<std::string> read_file(const std::string& path, size_t limit) {
  const std::string doing = fmt::format("reading {}", path);
  // Non-blocking: opening a FIFO must not wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return errno_status(errno, doing);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return errno_status(errno, doing);
  if (!S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: it is not a regular file", doing));
  }
  std::string content;
  // Files in /proc and /sys have no size or a wrong one, so the end of file decides, not st_size.
  size_t step = static_cast<size_t>(std::max<off_t>(status.st_size, 4096)) + 1;
  while (true) {
    const size_t old_size = content.size();
    if (old_size > limit) {
      return absl::OutOfRangeError(
          fmt::format("{}: it is larger than the limit of {} bytes", doing, limit));
    }
    step = std::min(step, limit + 1 - old_size);
    content.resize(old_size + step);
    const ssize_t count = ::read(file.get(), content.data() + old_size, step);
    if (count < 0 && errno == EINTR) {
      content.resize(old_size);
      continue;
    }
    if (count < 0) return errno_status(errno, doing);
    content.resize(old_size + static_cast<size_t>(count));
    if (count == 0) return content;
    // The end shows in what there is room for: more would be a copy of all for nothing.
    const size_t room = content.capacity() - content.size();
    step = room > 0 ? room : std::max<size_t>(content.size(), 4096);
  }
}

namespace {

// More are synced together.
constexpr size_t kSyncedOneByOne = 4;

// A file on its way to its place.
struct NewFile {
  Descriptor file;
  std::string temporary;
  int error = 0;
};

NewFile begin_file(const FileToWrite& wanted, mode_t mode) {
  NewFile begun;
  begun.temporary = wanted.path + ".XXXXXX";
  if (!failpoint::fails("file.create", wanted.path)) {
    begun.file = Descriptor(::mkostemp(begun.temporary.data(), O_CLOEXEC));
  }
  if (begun.file.get() < 0) {
    begun.error = errno;
    begun.temporary.clear();
    return begun;
  }
  begun.error = write_all(begun.file.get(), wanted.content, wanted.path);
  if (begun.error == 0 &&
      (failpoint::fails("file.mode", wanted.path) || ::fchmod(begun.file.get(), mode) != 0)) {
    begun.error = errno;
  }
  return begun;
}

void sync_file(NewFile& begun, const std::string& path) {
  if (begun.error == 0 && (failpoint::fails("file.sync", path) || ::fsync(begun.file.get()) != 0)) {
    begun.error = errno;
  }
  begun.file = Descriptor();
}

std::vector<NewFile> begin_one_by_one(std::span<const FileToWrite> files, mode_t mode) {
  std::vector<NewFile> begun;
  for (const FileToWrite& file : files) {
    begun.push_back(begin_file(file, mode));
    sync_file(begun.back(), file.path);
  }
  return begun;
}

std::vector<NewFile> begin_together(std::span<const FileToWrite> files, mode_t mode,
                                    const std::string& directory) {
  // Opened before they are written: it is told of every error since then.
  const Descriptor file_system(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<NewFile> begun;
  begun.reserve(files.size());
  for (const FileToWrite& file : files) {
    begun.push_back(begin_file(file, mode));
    begun.back().file = Descriptor();
  }
  if (!failpoint::fails("file.sync", directory) && ::syncfs(file_system.get()) == 0) return begun;
  const int error = errno;
  for (NewFile& file : begun) {
    if (file.error == 0) file.error = error;
  }
  return begun;
}

// Whether it is in its place.
bool finish_file(NewFile& begun, const std::string& path) {
  if (begun.error == 0) {
    if (!failpoint::fails("file.rename", path) &&
        ::rename(begun.temporary.c_str(), path.c_str()) == 0) {
      return true;
    }
    begun.error = errno;
  }
  if (!begun.temporary.empty() && !failpoint::fails("file.remove", path)) {
    ::unlink(begun.temporary.c_str());
  }
  return false;
}

std::string directory_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

absl::Status write_file_atomically(const std::string& path, std::string_view content, mode_t mode) {
  const FileToWrite file{path, content};
  return write_files_atomically({&file, 1}, mode).front();
}

std::vector<absl::Status> write_files_atomically(std::span<const FileToWrite> files, mode_t mode) {
  if (files.empty()) return {};
  const std::string directory = directory_of(files[0].path);
  std::vector<NewFile> begun = files.size() > kSyncedOneByOne
                                   ? begin_together(files, mode, directory)
                                   : begin_one_by_one(files, mode);
  std::vector<absl::Status> written(files.size());
  bool any_renamed = false;
  for (size_t i = 0; i < files.size(); ++i) {
    if (finish_file(begun[i], files[i].path)) {
      any_renamed = true;
    } else {
      written[i] = errno_status(begun[i].error, fmt::format("writing {}", files[i].path));
    }
  }
  if (!any_renamed) return written;
  const absl::Status synced = sync_directory(directory);
  for (absl::Status& status : written)
    status.Update(synced);
  return written;
}

bool is_temporary_of(std::string_view name, std::string_view original) {
  // mkostemp: a dot of ours and six characters.
  return name.size() == original.size() + 7 && name.starts_with(original) &&
         name[original.size()] == '.' && std::all_of(name.end() - 6, name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c));
         });
}

namespace {

bool was_written_before(const std::string& path, std::chrono::seconds least_age) {
  struct stat status {};
  return least_age == std::chrono::seconds(0) ||
         (::lstat(path.c_str(), &status) == 0 &&
          ::time(nullptr) - status.st_mtime >= least_age.count());
}

}  // namespace

void remove_temporary_files(const std::string& path, std::chrono::seconds least_age) {
  const std::filesystem::path original(path);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(original.parent_path(), error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string found = entry->path();
    if (is_temporary_of(entry->path().filename().string(), original.filename().string()) &&
        was_written_before(found, least_age) && !failpoint::fails("file.remove", found)) {
      ::unlink(found.c_str());
    }
  }
}

absl::Status make_directory(const std::string& path, mode_t mode) {
  if (!failpoint::fails("directory.make", path) && ::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) == 0) return absl::OkStatus();
    return errno_status(errno, fmt::format("setting the mode of {}", path));
  }
  const int error = errno;
  std::error_code ignored;
  if (error == EEXIST && std::filesystem::is_directory(path, ignored)) return absl::OkStatus();
  return errno_status(error, fmt::format("making the directory {}", path));
}

absl::Status sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || failpoint::fails("directory.sync", path) ||
      ::fsync(directory.get()) != 0) {
    return errno_status(errno, fmt::format("syncing the directory {}", path));
  }
  return absl::OkStatus();
}

}  // namespace muster
