// What /proc/self says of this process, for the process_* metrics.
#pragma once

#include <optional>
#include <string_view>

namespace muster::collector {

struct ProcessStatistics {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  // Unix time.
  double start_time_seconds = 0;
  double open_files = 0;
};

// `stat` and `boot` are the contents of /proc/self/stat and /proc/stat (proc(5)); the name in the
// former may have any characters, ')' too. Nothing if they are not of that form.
std::optional<ProcessStatistics> parse_process_statistics(std::string_view stat,
                                                          std::string_view boot,
                                                          double ticks_per_second,
                                                          double page_bytes);

// Reads them; nothing where /proc is not mounted.
std::optional<ProcessStatistics> read_process_statistics();

}  // namespace muster::collector
