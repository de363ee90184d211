#include "agent/launcher/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace muster::agent {
namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

}  // namespace

Descriptor memory_file(const char* name, std::string_view content) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  while (file.get() >= 0 && !content.empty()) {
    const ssize_t count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {};
    content.remove_prefix(static_cast<size_t>(count));
  }
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return {};
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

Descriptor shared_memory(const char* name, size_t size) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return {};
  }
  return file;
}

bool is_sealed_memory(int descriptor) {
  // Only memory has such seals.
  const int seals = ::fcntl(descriptor, F_GET_SEALS);
  const int flags = ::fcntl(descriptor, F_GETFL);
  return seals >= 0 && (seals & kSeals) == kSeals && flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
}

}  // namespace muster::agent
