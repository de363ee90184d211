#include "agent/probes/packages_apt/private_mapping.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

bool is_wanted = false;

}  // namespace

namespace muster::packages_apt {

PrivateMapping::PrivateMapping() {
  is_wanted = true;
}

PrivateMapping::~PrivateMapping() {
  is_wanted = false;
}

}  // namespace muster::packages_apt

// A function of the program comes before a library's own (ld.so(8)). It is called before
// ThreadSanitizer is ready to watch it.
__attribute__((no_sanitize("thread"))) void* mmap(void* address, size_t size, int rights, int flags,
                                                  int file, off_t offset) noexcept {
  if (is_wanted && file >= 0 && rights == PROT_READ && flags == MAP_SHARED) {
    rights = PROT_READ | PROT_WRITE;
    flags = MAP_PRIVATE;
  }
  return reinterpret_cast<void*>(::syscall(SYS_mmap, address, size, rights, flags, file, offset));
}
