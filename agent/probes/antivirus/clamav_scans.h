// What clamscan and clamdscan have logged of their scans (--log): names that were found, and behind
// them a summary. Pure; any thread.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::antivirus {

inline constexpr size_t kMostOfScanLog = 4 << 20;
inline constexpr size_t kMostInfected = 1000;

// ClamAV writes names of files as they are, and a name may have lines that look like a log's: what
// is told here is what no name can take back.
struct ScanLog {
  struct Scan {
    // By versions from 0.103 on.
    std::optional<TimePoint> started_at;
    std::optional<TimePoint> ended_at;
    std::optional<uint64_t> scanned;
    uint64_t infected = 0;
    uint64_t errors = 0;
    // It never reached clamd, which was to look at the files.
    bool is_without_daemon = false;
  };
  // The last that came to its end.
  std::optional<Scan> last;
  // Behind the summary of `last` stands what only comes before one.
  bool is_forged = false;
  // Another began after that, and has not come to its end; and it has found something.
  bool has_open_end = false;
  bool has_open_findings = false;
  // Absolute names that were found: by the last scan and by those after it that did not come to
  // their end, or in a daemon's log anywhere. At most kMostInfected.
  std::set<std::string> infected;
  // Found, and not among those: without an absolute name, before the beginning of `log`, too many.
  uint64_t unnamed = 0;
  // The same of the scans before that, without those of `infected`: a scan of something else says
  // nothing of them.
  std::set<std::string> earlier;
  uint64_t earlier_unnamed = 0;
};

// Of a scan (clamscan, clamdscan), or of a daemon (clamd, clamonacc, a milter), which has findings
// and no scans.
enum class LogKind { kScans, kDaemon };

ScanLog parse_scan_log(std::string_view log, const absl::TimeZone& zone,
                       LogKind kind = LogKind::kScans);

}  // namespace muster::antivirus
