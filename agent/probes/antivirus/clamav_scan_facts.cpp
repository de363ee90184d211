// The last scans of ClamAV by their logs, what starts them, and what was found.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/antivirus/found_files.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::antivirus {
namespace {

using protection::ProductLook;
using v1::LastCheck;
using v1::ProtectionProduct;

constexpr const char* kLogs = "/var/log/clamav";
constexpr size_t kMostLogs = 200;

// Those in kLogs that daemons of ClamAV write, unless a scan is told to write there.
constexpr std::array<std::string_view, 5> kDaemonLogs = {
    "clamav.log", "clamd.log", "clamonacc.log", "clamav-clamonacc.log", "clamav-milter.log"};

// What is known of a log: scans of the whole system leave it, or of parts; a scheduled one does; a
// daemon does, or is clamd set to.
struct LogOrigin {
  bool is_full = true;
  bool is_scheduled = false;
  bool is_daemons = false;
};
using ScanLogs = std::map<std::string, LogOrigin>;

// Whatever it is named by.
bool is_same_file(const std::string& root, const std::string& one, const std::string& other) {
  const auto first = probe::status_in_root(root, one);
  const auto second = probe::status_in_root(root, other);
  return one == other || (first.ok() && second.ok() && first->device == second->device &&
                          first->inode == second->inode);
}

// Those of the scheduled scans, and whatever else lies where logs of ClamAV do.
ScanLogs find_logs(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  ScanLogs logs;
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    if (!command.log.empty()) {
      logs.emplace(command.log, LogOrigin{.is_full = command.is_full, .is_scheduled = true});
    }
  }
  const auto names = probe::list_in_root(look.root, kLogs, kMostLogs);
  if (!names.ok() && !absl::IsNotFound(names.status())) {
    for (const char* fact : {"full_scan", "threats_unresolved"}) {
      protection::add_unread(product, fact, protection::reason_of(kLogs, names.status()));
    }
  }
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (name.ends_with(".log") && !name.starts_with("freshclam")) {
      const bool is_daemons =
          std::find(kDaemonLogs.begin(), kDaemonLogs.end(), name) != kDaemonLogs.end();
      logs.emplace(std::string(kLogs) + "/" + name, LogOrigin{.is_daemons = is_daemons});
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

LastCheck check_of(const ScanLog::Scan& scan, std::optional<TimePoint> written) {
  LastCheck check;
  check.set_result(scan.infected > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN);
  if (scan.scanned == 0 && scan.infected == 0) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it has looked at no file");
  } else if (scan.is_without_daemon) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it could not connect to clamd");
  } else if (scan.errors > 0) {
    check.set_detail(fmt::format("{} errors: not all could be looked at", scan.errors));
  }
  check.set_found(scan.infected);
  protection::set_time(check, &LastCheck::mutable_started_at,
                       protection::whole_seconds(scan.started_at));
  protection::set_time(check, &LastCheck::mutable_ended_at,
                       protection::whole_seconds(scan.ended_at ? scan.ended_at : written));
  return check;
}

// A log whose last scan has not come to its end: it goes on, or was ended.
LastCheck unfinished(const ScanLog& log, std::optional<TimePoint> written, bool may_run) {
  if (may_run && log.last && !log.has_open_findings) return check_of(*log.last, std::nullopt);
  LastCheck check;
  check.set_result(may_run ? v1::CHECK_RESULT_RUNNING : v1::CHECK_RESULT_FAILED);
  if (may_run) return check;
  check.set_detail("it was ended before its summary");
  protection::set_time(check, &LastCheck::mutable_ended_at, protection::whole_seconds(written));
  return check;
}

int64_t when(const LastCheck& check) {
  return std::max(check.started_at().seconds(), check.ended_at().seconds());
}

void keep_later(const LastCheck& check, bool is_full, ProtectionProduct& product) {
  const bool has_one = is_full ? product.has_full_scan() : product.has_quick_scan();
  LastCheck& kept = is_full ? *product.mutable_full_scan() : *product.mutable_quick_scan();
  if (!has_one || when(check) > when(kept)) kept = check;
}

// Whether its log tells of files that were looked at, so that none found is none.
bool has_looked(const ScanLog& log) {
  return log.last && !log.is_forged &&
         check_of(*log.last, std::nullopt).result() != v1::CHECK_RESULT_FAILED;
}

// What was found, as far as anything was looked at.
class Infected {
 public:
  void add(const ProductLook& look, const ScanLog& log, bool has_looked) {
    is_known_ = is_known_ || has_looked || !log.infected.empty() || log.unnamed > 0;
    unnamed_ += log.unnamed;
    for (const std::string& name : log.infected) {
      if (names_.contains(name)) continue;
      if (names_.size() >= kMostInfected) {
        ++unnamed_;
      } else if (names_.insert(name); !is_gone_from(look, name)) {
        ++there_;
      }
    }
  }
  void set(ProtectionProduct& product) const {
    if (!is_known_) return;
    product.set_threats_found(names_.size() + unnamed_);
    product.set_threats_unresolved(there_ + unnamed_);
  }

 private:
  // In an image nobody mounts what he likes.
  bool is_gone_from(const ProductLook& look, const std::string& name) const {
    return look.root.empty() ? is_gone(mounts_, name)
                             : absl::IsNotFound(probe::status_in_root(look.root, name).status());
  }

  const Mounts mounts_ = own_mounts();
  bool is_known_ = false;
  std::set<std::string> names_;
  uint64_t there_ = 0;
  uint64_t unnamed_ = 0;
};

// A log that a daemon writes too, and one with a name that looks like a scan's summary: nothing of
// its scans is believed.
std::string why_not_believed(const std::string& path, const LogOrigin& origin, const ScanLog& log) {
  if (origin.is_daemons && origin.is_scheduled) {
    return path +
           " is clamd's own log, in which a file's name may look like a scan: give clamdscan a "
           "--log of its own";
  }
  if (!log.is_forged) return {};
  return path +
         ": its last summary is the name of a file, or two scans write there: look at it, and scan "
         "again";
}

std::string words_of_unnamed(const std::string& path, uint64_t count) {
  return fmt::format(
      "{}: {} no whole name there, and count{} as unresolved: have clamscan look at absolute paths",
      path, count == 1 ? "1 found file has" : fmt::format("{} found files have", count),
      count == 1 ? "s" : "");
}

void add_logs(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  const auto clamscan = protection::is_running(look, {}, "clamscan");
  const auto clamdscan = protection::is_running(look, {}, "clamdscan");
  const bool may_run = clamscan.runs.value_or(true) || clamdscan.runs.value_or(true);
  const bool scans_on_access = product.real_time() == v1::ANSWER_YES;
  Infected infected;
  for (const auto& [path, origin] : find_logs(look, setup, product)) {
    const char* const fact = origin.is_full ? "full_scan" : "quick_scan";
    const auto text = protection::read_end_in_root(look.root, path, kMostOfScanLog);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      const std::string reason = protection::reason_of(path, text.status());
      protection::add_unread(product, "threats_unresolved", reason);
      protection::add_unread(product, fact, reason);
      continue;
    }
    const ScanLog log =
        parse_scan_log(*text, *setup.zone, origin.is_daemons ? LogKind::kDaemon : LogKind::kScans);
    infected.add(look, log, scans_on_access || has_looked(log));
    if (log.unnamed > 0) protection::add_complaint(product, words_of_unnamed(path, log.unnamed));
    if (const std::string why = why_not_believed(path, origin, log); !why.empty()) {
      protection::add_unread(product, fact, why);
      continue;
    }
    if (!log.last && !log.has_open_end) continue;
    protection::add_source(product, path);
    const auto status = probe::status_in_root(look.root, path);
    std::optional<TimePoint> written;
    if (status.ok() && status->has_modified_at) written = from_proto(status->modified_at);
    keep_later(log.has_open_end ? unfinished(log, written, may_run) : check_of(*log.last, written),
               origin.is_full, product);
  }
  infected.set(product);
}

bool is_unread(const ProtectionProduct& product, std::string_view fact) {
  return std::any_of(product.unread().begin(), product.unread().end(),
                     [fact](const v1::UnreadFact& unread) { return unread.fact() == fact; });
}

// Those that are scheduled and have left nothing.
void add_scans_without_a_log(const ClamavSetup& setup, ProtectionProduct& product) {
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    LastCheck check;
    protection::set_time(check, &LastCheck::mutable_started_at,
                         protection::whole_seconds(job.last_run_at));
    if (!command.log.empty()) {
      check.set_result(v1::CHECK_RESULT_NEVER);
      check.set_detail(
          fmt::format("{} is to leave {}, and it is not there", job.name, command.log));
    } else {
      protection::add_unread(
          product, command.is_full ? "full_scan" : "quick_scan",
          fmt::format("{} keeps no log of its scan: give clamscan --log={}/scan.log", job.name,
                      kLogs));
      if (!check.has_started_at()) continue;
    }
    keep_later(check, command.is_full, product);
  }
}

}  // namespace

void add_clamav_scans(const ProductLook& look, const ClamavSetup& setup,
                      ProtectionProduct& product) {
  const bool is_scheduled = !setup.scans.jobs.empty();
  const bool is_full =
      std::any_of(setup.scans.jobs.begin(), setup.scans.jobs.end(),
                  [](const auto& job) { return parse_scan_command(job.text).is_full; });
  if (is_full || setup.scans.unread.empty()) {
    product.set_checks_scheduled(protection::answer(is_full));
  } else {
    protection::add_unread(product, "checks_scheduled", setup.scans.unread);
  }
  if (!setup.zone) {
    protection::add_unread(product, "full_scan", "the host's time zone cannot be read");
    return;
  }
  add_logs(look, setup, product);
  if (!product.has_full_scan() && !product.has_quick_scan() && !is_unread(product, "full_scan") &&
      !is_unread(product, "quick_scan")) {
    add_scans_without_a_log(setup, product);
  }
  if (product.has_full_scan() || is_unread(product, "full_scan")) return;
  if (!setup.scans.unread.empty()) {
    protection::add_unread(product, "full_scan", setup.scans.unread);
    return;
  }
  LastCheck& check = *product.mutable_full_scan();
  check.set_result(v1::CHECK_RESULT_NEVER);
  check.set_detail(is_scheduled || product.has_quick_scan()
                       ? "those that are known look at parts of the system"
                       : fmt::format("none is scheduled, and none has left a log in {}", kLogs));
}

}  // namespace muster::antivirus
