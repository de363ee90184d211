#include "agent/probes/protection/product_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/probes/probe_program.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/root_files.h"
#include "common/descriptor.h"
#include "common/files.h"
#include "common/timestamp.h"

namespace muster::protection {
namespace {

absl::Status failed_by(int error) {
  return errno_status(error, "reading it");
}

struct OpenFile {
  Descriptor descriptor;
  size_t size = 0;
};

// The same checks as of a file that is read whole: no FIFO, no link that leads outside.
absl::StatusOr<OpenFile> open_in_root(const std::string& root, const std::string& path) {
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root, path);
  if (!status.ok()) return status.status();
  if (status->kind != probe::FileKind::kRegular) {
    return absl::FailedPreconditionError("it is no regular file");
  }
  const std::string real = probe::resolve_in_root(root, path);
  OpenFile file;
  file.descriptor.reset(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat found {};
  if (file.descriptor.get() < 0 || ::fstat(file.descriptor.get(), &found) != 0) {
    return failed_by(errno);
  }
  if (!S_ISREG(found.st_mode)) return absl::FailedPreconditionError("it is no regular file");
  file.size = static_cast<size_t>(std::max<off_t>(found.st_size, 0));
  return file;
}

absl::StatusOr<std::string> read_part(const OpenFile& file, size_t from, size_t size) {
  std::string part(size, '\0');
  size_t done = 0;
  while (done < part.size()) {
    const ssize_t got = ::pread(file.descriptor.get(), part.data() + done, part.size() - done,
                                static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed_by(errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  part.resize(done);
  return part;
}

}  // namespace

std::string reason_of(const std::string& path, const absl::Status& status) {
  return fmt::format("{}: {}", path,
                     std::string_view(status.message().data(), status.message().size()));
}

bool is_there(const ProductLook& look, std::string_view name,
              std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(look.root, path);
    if (status.ok()) return true;
    if (absl::IsNotFound(status.status())) continue;
    look.problems.push_back(fmt::format("{}: whether it is installed cannot be told by {}", name,
                                        reason_of(path, status.status())));
  }
  return false;
}

absl::StatusOr<std::string> read_product_file(const ProductLook& look, const std::string& path,
                                              std::string_view fact, v1::ProtectionProduct& product,
                                              size_t limit) {
  absl::StatusOr<std::string> content = probe::read_in_root(look.root, path, limit);
  if (!content.ok() && !absl::IsNotFound(content.status())) {
    add_unread(product, fact, reason_of(path, content.status()));
  }
  return content;
}

absl::StatusOr<TimePoint> written_at(const ProductLook& look, const std::string& path,
                                     std::string_view fact, v1::ProtectionProduct& product) {
  const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(look.root, path);
  if (!status.ok()) {
    if (!absl::IsNotFound(status.status())) {
      add_unread(product, fact, reason_of(path, status.status()));
    }
    return status.status();
  }
  return from_proto(status->modified_at);
}

absl::StatusOr<std::string> read_begin_in_root(const std::string& root, const std::string& path,
                                               size_t size) {
  absl::StatusOr<OpenFile> file = open_in_root(root, path);
  if (!file.ok()) return file.status();
  return read_part(*file, 0, std::min(size, file->size));
}

absl::StatusOr<std::string> read_end_in_root(const std::string& root, const std::string& path,
                                             size_t limit, bool* is_cut) {
  absl::StatusOr<OpenFile> file = open_in_root(root, path);
  if (!file.ok()) return file.status();
  const size_t from = file->size > limit ? file->size - limit : 0;
  if (is_cut != nullptr) *is_cut = from > 0;
  absl::StatusOr<std::string> end = read_part(*file, from, file->size - from);
  if (end.ok() && from > 0) {
    const size_t newline = end->find('\n');
    end->erase(0, newline == std::string::npos ? end->size() : newline + 1);
  }
  return end;
}

}  // namespace muster::protection
