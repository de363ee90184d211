#include "agent/probes/antivirus/clamav_scan_logs.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::antivirus {
namespace {

constexpr size_t kMostLogs = 200;
// Of the one that logrotate put aside last.
constexpr std::string_view kBefore = ".1";

// Those in kLogs that daemons of ClamAV write, unless a scan is told to write there.
constexpr std::array<std::string_view, 5> kDaemonLogs = {
    "clamav.log", "clamd.log", "clamonacc.log", "clamav-clamonacc.log", "clamav-milter.log"};

// Whatever it is named by.
bool is_same_file(const std::string& root, const std::string& one, const std::string& other) {
  const auto first = probe::status_in_root(root, one);
  const auto second = probe::status_in_root(root, other);
  return one == other || (first.ok() && second.ok() && first->device == second->device &&
                          first->inode == second->inode);
}

}  // namespace

ScanLogs find_scan_logs(const protection::ProductLook& look, const ClamavSetup& setup,
                        std::string& unread) {
  ScanLogs logs;
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    if (command.log.empty()) continue;
    const LogOrigin origin{.scope = command.scope, .is_scheduled = true};
    const auto [log, is_new] = logs.emplace(command.log, origin);
    if (!is_new && log->second.scope != command.scope)
      log->second.scope = ScanCommand::Scope::kUnknown;
  }
  const auto names = probe::list_in_root(look.root, kScanLogs, kMostLogs);
  if (!names.ok() && !absl::IsNotFound(names.status())) {
    unread = protection::reason_of(kScanLogs, names.status());
  }
  for (std::string name : names.ok() ? *names : std::vector<std::string>()) {
    if (name.ends_with(kBefore)) name.resize(name.size() - kBefore.size());
    if (name.ends_with(".log") && !name.starts_with("freshclam")) {
      const bool is_daemons =
          std::find(kDaemonLogs.begin(), kDaemonLogs.end(), name) != kDaemonLogs.end();
      logs.emplace(std::string(kScanLogs) + "/" + name, LogOrigin{.is_daemons = is_daemons});
    }
  }
  // The daemon's own, with what the on-access scanner made it look at.
  const std::string own = setup.daemon_config.value("LogFile");
  if (own.empty()) return logs;
  for (auto& [path, origin] : logs)
    origin.is_daemons = origin.is_daemons || is_same_file(look.root, path, own);
  logs.emplace(own, LogOrigin{.is_daemons = true});
  return logs;
}

absl::StatusOr<ScanLogText> read_scan_log(const std::string& root, const std::string& path) {
  ScanLogText both;
  bool is_there = false;
  for (const std::string& part : {path + std::string(kBefore), path}) {
    const auto text = protection::read_end_in_root(root, part, kMostOfScanLog);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return absl::InternalError(protection::reason_of(part, text.status()));
    is_there = true;
    both.text.append(*text).append("\n");
    const auto status = probe::status_in_root(root, part);
    const bool is_first = !both.written_at || !text->empty();
    if (is_first && status.ok() && status->has_modified_at) {
      both.written_at = from_proto(status->modified_at);
    }
  }
  if (!is_there) return absl::NotFoundError(path);
  return both;
}

}  // namespace muster::antivirus
