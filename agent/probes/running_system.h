// What only the running kernel and the processor tell. Absent in a look at a mounted image, and
// made up in tests.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

struct RunningSystem {
  // uname(2): "web1", "6.1.0-28-amd64", "#1 SMP …", "x86_64".
  std::string hostname = {};
  std::string kernel_release = {};
  std::string kernel_version = {};
  std::string machine = {};
  // CPUID leaf 0x40000000, 12 characters; absent without a hypervisor and on other processors.
  std::optional<std::string> hypervisor_signature = {};
};

// Of the system this process runs on.
RunningSystem read_running_system();

// The line "btime" of /proc/stat (proc(5)): when the kernel was started, in seconds since 1970.
// Pure. InvalidArgument if there is none.
absl::StatusOr<int64_t> parse_boot_time(std::string_view proc_stat);

}  // namespace muster
