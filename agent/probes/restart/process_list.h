// The processes of a table that gather_processes made (agent/sandbox/process_table.h). Pure; any
// thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::restart {

struct Process {
  int32_t id = 0;
  // Number of the directory that is its root, kMostProcessRoots if it is beyond those, or -1.
  int32_t root = -1;
  // As the kernel cuts it: at most 15 bytes.
  std::string program;
  // Since the boot, in ticks (sysconf(_SC_CLK_TCK)).
  uint64_t start_ticks = 0;
  // Of the table, in its two ways to tell of mappings.
  std::string_view control_groups;
  std::string_view files;
  std::string_view maps;
};

struct ProcessList {
  std::vector<Process> processes;
  // Whose maps could not be read, and those of which only a part was.
  uint32_t unreadable = 0;
  // The first of the unreadable, for who looks after it: "nginx (812)".
  std::string first_unreadable;
  uint32_t cut = 0;
  // Whether a table that root makes would have those that could not be read: this one was made by
  // hand, by another user.
  bool root_would_see_more = false;
};

// Without processes that map nothing: of them only is known that they could not be read. The views
// are of `table`. InvalidArgument if it is no whole table.
absl::StatusOr<ProcessList> parse_process_table(std::string_view table);

}  // namespace muster::restart
