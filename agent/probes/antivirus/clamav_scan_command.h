// What a scheduled command makes clamscan or clamdscan look at. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::antivirus {

struct ScanCommand {
  // The whole system, "/"; parts of it; or that cannot be seen: no path is named, or in a variable.
  enum class Scope { kUnknown, kParts, kFull };

  // It calls one of them, and not for its version.
  bool is_scan = false;
  Scope scope = Scope::kUnknown;
  // Of --log or -l; empty: none.
  std::string log;
  // Of --exclude and --exclude-dir.
  std::vector<std::string> exclusions;
  // Some of its words are in a variable: it may exclude what cannot be seen.
  bool has_variables = false;
};

// Of a command line or a script. Of several scans the widest counts.
ScanCommand parse_scan_command(std::string_view script);

}  // namespace muster::antivirus
