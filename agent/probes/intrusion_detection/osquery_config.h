// What osquery is told to do: its flag file and its configuration, JSON with whole lines of
// comments. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace muster::intrusion_detection {

inline constexpr size_t kMostOsqueryFlags = 500;

struct OsquerySettings {
  // Without dashes; of "--noverbose" and "--verbose" the value is "false" and "true".
  std::map<std::string, std::string, std::less<>> flags;
  // Paths under "file_paths": what is watched.
  size_t watched_paths = 0;
};

void parse_osquery_flags(std::string_view text, OsquerySettings& settings);
// Its "options" count more than the flags. InvalidArgument if it is no such JSON.
absl::Status parse_osquery_config(std::string_view text, OsquerySettings& settings);

// "filesystem" unless it is told otherwise; "tls" is by a server.
std::string_view osquery_flag(const OsquerySettings& settings, std::string_view name,
                              std::string_view otherwise);
// Empty: it records changes of files. Else what keeps it from that: "disable_events is not false".
std::string why_no_file_events(const OsquerySettings& settings);

}  // namespace muster::intrusion_detection
