// What AIDE is configured to (aide.conf(5)): where its database lies and where its reports go.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster::intrusion_detection {

inline constexpr size_t kMostAideReports = 10;
inline constexpr size_t kMostAideIncludes = 20;
inline constexpr size_t kMostAideDefinitions = 200;

struct AideConfig {
  // What it compares with; empty: not told, or no file.
  std::string database;
  // What it writes on --init and --update.
  std::string new_database;
  // Files of reports, in their order.
  std::vector<std::string> reports;
  // Files and directories of further settings.
  std::vector<std::string> includes;
  // @@define.
  std::map<std::string, std::string, std::less<>> definitions;
};

// Adds what the text says. The first of two databases counts; conditions (@@ifdef, @@if) are not
// judged: what stands in them counts.
void parse_aide_config(std::string_view text, AideConfig& config);

}  // namespace muster::intrusion_detection
