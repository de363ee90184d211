// The last scans of ClamAV by their logs, what starts them, and what was found.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/clamav_setup.h"
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

// A log of scans, and which kind of scan it is of.
using ScanLogs = std::map<std::string, bool>;

// Those of the scheduled scans, and whatever else lies where logs of ClamAV do.
ScanLogs find_logs(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  ScanLogs logs;
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    if (!command.log.empty()) logs.emplace(command.log, command.is_full);
  }
  const auto names = probe::list_in_root(look.root, kLogs, kMostLogs);
  if (!names.ok() && !absl::IsNotFound(names.status())) {
    for (const char* fact : {"full_scan", "threats_unresolved"}) {
      protection::add_unread(product, fact, protection::reason_of(kLogs, names.status()));
    }
  }
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (name.ends_with(".log") && !name.starts_with("freshclam")) {
      logs.emplace(std::string(kLogs) + "/" + name, true);
    }
  }
  return logs;
}

LastCheck check_of(const ScanLog::Scan& scan, std::optional<TimePoint> written) {
  LastCheck check;
  check.set_result(scan.infected > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN);
  if (scan.scanned == 0 && scan.infected == 0) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it has looked at no file");
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
  if (may_run && log.last) return check_of(*log.last, std::nullopt);
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
  return log.last && check_of(*log.last, std::nullopt).result() != v1::CHECK_RESULT_FAILED;
}

// What was found, as far as anything was looked at.
class Infected {
 public:
  void add(const ProductLook& look, const std::set<std::string>& names, bool has_looked) {
    is_known_ = is_known_ || has_looked || !names.empty();
    for (const std::string& name : names) {
      if (found_.size() >= kMostInfected || !found_.insert(name).second) continue;
      const absl::Status status = probe::status_in_root(look.root, name).status();
      if (!absl::IsNotFound(status)) ++there_;
    }
  }
  void set(ProtectionProduct& product) const {
    if (!is_known_) return;
    product.set_threats_found(found_.size());
    product.set_threats_unresolved(there_);
  }

 private:
  bool is_known_ = false;
  std::set<std::string> found_;
  uint64_t there_ = 0;
};

void add_logs(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  const auto clamscan = protection::is_running(look, {}, "clamscan");
  const auto clamdscan = protection::is_running(look, {}, "clamdscan");
  const bool may_run = clamscan.runs.value_or(true) || clamdscan.runs.value_or(true);
  ScanLogs logs = find_logs(look, setup, product);
  // The daemon's own, with what the on-access scanner made it look at.
  if (const std::string own = setup.daemon_config.value("LogFile"); !own.empty()) {
    logs.emplace(own, true);
  }
  const bool scans_on_access = product.real_time() == v1::ANSWER_YES;
  Infected infected;
  for (const auto& [path, is_full] : logs) {
    const auto text = protection::read_end_in_root(look.root, path, kMostOfScanLog);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      const std::string reason = protection::reason_of(path, text.status());
      protection::add_unread(product, "threats_unresolved", reason);
      protection::add_unread(product, is_full ? "full_scan" : "quick_scan", reason);
      continue;
    }
    const ScanLog log = parse_scan_log(*text, *setup.zone);
    infected.add(look, log.infected, scans_on_access || has_looked(log));
    if (!log.last && !log.has_open_end) continue;
    protection::add_source(product, path);
    const auto status = probe::status_in_root(look.root, path);
    std::optional<TimePoint> written;
    if (status.ok() && status->has_modified_at) written = from_proto(status->modified_at);
    keep_later(log.has_open_end ? unfinished(log, written, may_run) : check_of(*log.last, written),
               is_full, product);
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
