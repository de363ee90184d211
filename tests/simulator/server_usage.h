// What a process has used so far, from /proc: for the collector under the simulated fleet.
#pragma once

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string_view>

namespace muster::simulator {

struct ServerUsage {
  // User and system time, in steps of 10 ms.
  double cpu_seconds = 0;
  double pss_kib = 0;
  double private_dirty_kib = 0;
};

// Of proc(5)'s PID/stat; `ticks` a second.
absl::StatusOr<double> parse_cpu_seconds(std::string_view stat, double ticks);
// A line of PID/smaps_rollup by its name, "Pss:".
absl::StatusOr<double> parse_kib(std::string_view smaps_rollup, std::string_view name);

// NotFound: there is no such process. PermissionDenied: it is somebody else's.
absl::StatusOr<ServerUsage> read_server_usage(pid_t pid);

}  // namespace muster::simulator
