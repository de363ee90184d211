// What packages-rpm parses itself: locks, automatic.conf, the names of kernels' images.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/packages_rpm/automatic_updates.h"
#include "agent/probes/packages_rpm/kernel_images.h"
#include "agent/probes/packages_rpm/package_locks.h"

using namespace muster::packages_rpm;

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t others = 0;
  if (dnf_locks(text).size() > kMostLocks) std::abort();
  for (const PackageLock& lock : zypper_locks(text, others)) {
    if (lock.pattern.empty() || !lock.as_installed) std::abort();
  }
  automatic_settings(text);
  if (release_of_image(text).find('/') != std::string::npos) std::abort();
  return 0;
}
