// Which units, containers and programs execute code of files that were replaced or removed. Pure
// but for `find_file`, which it is given; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/probes/restart/process_list.h"
#include "muster/v1/restart_facts.pb.h"

namespace muster::restart {

// What stat says of a path. Major 0: a file system without a device, see mapped_files.h.
struct FileIdentity {
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  uint64_t inode = 0;
};

// The file at `path` in the directory with the number `root` of the table. Absent where there is
// none, or it lies where the probe may not search.
using FindFile = std::function<std::optional<FileIdentity>(int32_t root, const std::string& path)>;

// Of one clock: when the kernel was started, in seconds since 1970, and how long a tick is.
struct BootClock {
  int64_t started_at = 0;
  int64_t ticks_per_second = 100;
};

// Fills stale_services, stale_service_count, the counts of processes, and problems.
void add_stale_services(const ProcessList& list, const FindFile& find_file, const BootClock& clock,
                        v1::RestartFacts& facts);

}  // namespace muster::restart
