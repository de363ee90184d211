// One look of the probe "restart": what is installed but does not run yet. Calls block; one thread.
#pragma once

#include <optional>
#include <string>

#include "agent/probes/restart/stale_services.h"
#include "agent/probes/running_system.h"
#include "muster/v1/section.pb.h"

namespace muster::restart {

struct ProcessTable {
  // What gather_processes made.
  std::string text;
  // As in ProcessList.
  bool root_would_see_more = false;
};

// `root` as in a checked request: /proc, /sys and /run below it are those of `running`. `find_file`
// looks into the roots that the table names.
v1::Section look_at_restarts(const std::string& root, const RunningSystem& running,
                             const ProcessTable& process_table, const FindFile& find_file);

// In the directories that gather_processes left open.
std::optional<FileIdentity> find_in_process_root(int32_t root, const std::string& path);

// The table that the launcher gave this process, or else one that it makes itself, as far as it
// may.
ProcessTable take_process_table();

}  // namespace muster::restart
