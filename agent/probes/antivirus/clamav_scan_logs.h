// Which logs of scans there are on a host, and their text. Calls block; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <string>

#include "agent/probes/antivirus/clamav_scan_command.h"
#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/protection/product.h"
#include "common/clock.h"

namespace muster::antivirus {

inline constexpr const char* kScanLogs = "/var/log/clamav";

// What is known of a log: what the scans that leave it look at; whether a scheduled one does; a
// daemon does, or is clamd set to.
struct LogOrigin {
  ScanCommand::Scope scope = ScanCommand::Scope::kUnknown;
  bool is_scheduled = false;
  bool is_daemons = false;
};
using ScanLogs = std::map<std::string, LogOrigin>;

// Those of the scheduled scans, and whatever else lies where logs of ClamAV do; also where only the
// one before it is there, which was rotated away. `unread`: why some may be missing.
ScanLogs find_scan_logs(const protection::ProductLook& look, const ClamavSetup& setup,
                        std::string& unread);

struct ScanLogText {
  // Behind that of the one before it (".1"): what was found stays found when a log is begun anew.
  std::string text;
  std::optional<TimePoint> written_at;
};
// NotFound if there is neither; any other error is of the one that cannot be read.
absl::StatusOr<ScanLogText> read_scan_log(const std::string& root, const std::string& path);

}  // namespace muster::antivirus
