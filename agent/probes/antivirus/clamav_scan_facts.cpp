// The last scans of ClamAV by their logs, what starts them, and what was found.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "agent/probes/antivirus/clamav_scan_command.h"
#include "agent/probes/antivirus/clamav_scan_logs.h"
#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/clamav_setup.h"
#include "agent/probes/antivirus/clamav_threats.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/running_programs.h"
#include "common/timestamp.h"

namespace muster::antivirus {
namespace {

using protection::is_unread;
using protection::ProductLook;
using v1::LastCheck;
using v1::ProtectionProduct;

using Scope = ScanCommand::Scope;

LastCheck check_of(const ScanLog::Scan& scan, std::optional<TimePoint> written) {
  LastCheck check;
  check.set_result(scan.infected > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN);
  if (scan.scanned == 0 && scan.infected == 0) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it has looked at no file");
  } else if (scan.is_without_daemon) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it could not connect to clamd");
  } else if (scan.scanned && scan.errors > *scan.scanned / 2) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail(fmt::format("{} errors and {} files: most could not be looked at", scan.errors,
                                 *scan.scanned));
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

// Its last scan may have looked at nothing: clamdscan counts errors, and no files.
bool has_untold_extent(const ScanLog& log) {
  return log.last && !log.has_open_end && !log.last->scanned && log.last->errors > 0 &&
         log.last->infected == 0 && !log.last->is_without_daemon;
}

// Whether its log tells of files that were looked at, so that none found is none.
bool has_looked(const ScanLog& log) {
  return log.last && !log.is_forged && !has_untold_extent(log) &&
         check_of(*log.last, std::nullopt).result() != v1::CHECK_RESULT_FAILED;
}

// A log that a daemon writes too, and one with a name that looks like a scan's summary: nothing of
// its scans is believed. And what does not say what was looked at.
std::string why_not_believed(const std::string& path, const LogOrigin& origin, const ScanLog& log) {
  if (origin.is_daemons && origin.is_scheduled) {
    return path +
           " is clamd's own log, in which a file's name may look like a scan: give clamdscan a "
           "--log of its own";
  }
  if (log.is_forged) {
    return path +
           ": its last summary is the name of a file, or two scans write there: look at it, and "
           "scan again";
  }
  if (has_untold_extent(log)) {
    return fmt::format(
        "{}: the last scan had {} errors, and clamdscan does not count the files that it looked "
        "at: "
        "see there what failed, or use clamscan",
        path, log.last->errors);
  }
  if (origin.scope == Scope::kUnknown && (log.last || log.has_open_end)) {
    return path +
           (origin.is_scheduled
                ? ": what its scheduled scan looks at is in a variable: name / in the command"
                : ": it does not say what was scanned: schedule a scan of / with this --log");
  }
  return {};
}

std::string words_of_unnamed(const std::string& path, uint64_t count) {
  return fmt::format(
      "{}: {} no whole name there, and count{} as unresolved: have clamscan look at absolute paths",
      path, count == 1 ? "1 found file has" : fmt::format("{} found files have", count),
      count == 1 ? "s" : "");
}

// The scans of one log, which can be of the whole system or not. `unsure`: why a full scan may have
// been, where none is known.
void add_scans(const std::string& path, const LogOrigin& origin, const ScanLog& log,
               std::optional<TimePoint> written, bool may_run, std::string& unsure,
               ProtectionProduct& product) {
  const bool is_full = origin.scope == Scope::kFull;
  if (const std::string why = why_not_believed(path, origin, log); !why.empty()) {
    if (origin.is_scheduled) {
      protection::add_unread(product, origin.scope == Scope::kParts ? "quick_scan" : "full_scan",
                             why);
    } else if (unsure.empty()) {
      unsure = why;
    }
    return;
  }
  if (!log.last && !log.has_open_end) return;
  protection::add_source(product, path);
  keep_later(log.has_open_end ? unfinished(log, written, may_run) : check_of(*log.last, written),
             is_full, product);
}

void add_logs(const ProductLook& look, const ClamavSetup& setup, ProtectionProduct& product) {
  const auto clamscan = protection::is_running(look, {}, "clamscan");
  const auto clamdscan = protection::is_running(look, {}, "clamdscan");
  const bool may_run = clamscan.runs.value_or(true) || clamdscan.runs.value_or(true);
  const bool scans_on_access = product.real_time() == v1::ANSWER_YES;
  ClamavThreats threats(look);
  std::string unsure;
  const ScanLogs logs = find_scan_logs(look, setup, unsure);
  if (!unsure.empty()) threats.miss(unsure);
  for (const auto& [path, origin] : logs) {
    const auto text = read_scan_log(look.root, path);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) {
      const std::string reason(text.status().message());
      threats.miss(reason);
      if (origin.is_scheduled) {
        protection::add_unread(product, origin.scope == Scope::kParts ? "quick_scan" : "full_scan",
                               reason);
      } else if (unsure.empty()) {
        unsure = reason;
      }
      continue;
    }
    const ScanLog log = parse_scan_log(text->text, *setup.zone,
                                       origin.is_daemons ? LogKind::kDaemon : LogKind::kScans);
    threats.add(log, scans_on_access || has_looked(log), origin.is_scheduled);
    if (const uint64_t unnamed = unnamed_in(log, origin.is_scheduled); unnamed > 0) {
      protection::add_complaint(product, words_of_unnamed(path, unnamed));
    }
    add_scans(path, origin, log, text->written_at, may_run, unsure, product);
  }
  threats.tell(product);
  // What is unread is not told as well.
  if (!unsure.empty() && !product.has_full_scan()) {
    protection::add_unread(product, "full_scan", unsure);
  }
  if (is_unread(product, "full_scan")) product.clear_full_scan();
  if (is_unread(product, "quick_scan")) product.clear_quick_scan();
}

// Those that are scheduled and have left nothing.
void add_scans_without_a_log(const ClamavSetup& setup, ProtectionProduct& product) {
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const ScanCommand command = parse_scan_command(job.text);
    if (command.log.empty()) {
      const std::string last =
          job.last_run_at ? ", begun last at " + to_iso8601(*job.last_run_at) : std::string();
      protection::add_unread(product, command.scope == Scope::kParts ? "quick_scan" : "full_scan",
                             fmt::format("{} keeps no log of its scan{}: give clamscan "
                                         "--log={}/scan.log",
                                         job.name, last, kScanLogs));
      continue;
    }
    LastCheck check;
    protection::set_time(check, &LastCheck::mutable_started_at,
                         protection::whole_seconds(job.last_run_at));
    check.set_result(v1::CHECK_RESULT_NEVER);
    check.set_detail(fmt::format("{} is to leave {}, and it is not there", job.name, command.log));
    keep_later(check, command.scope != Scope::kParts, product);
  }
  if (is_unread(product, "full_scan")) product.clear_full_scan();
}

// Whether the whole system is scanned by itself.
void tell_schedule(const ClamavSetup& setup, ProtectionProduct& product) {
  std::string unsure = setup.scans.unread;
  for (const protection::ScheduledJob& job : setup.scans.jobs) {
    const Scope scope = parse_scan_command(job.text).scope;
    if (scope == Scope::kFull) return product.set_checks_scheduled(v1::ANSWER_YES);
    if (scope == Scope::kUnknown && unsure.empty()) {
      unsure = job.name + ": what it scans cannot be seen: name / in the command of clamscan";
    }
  }
  if (unsure.empty()) return product.set_checks_scheduled(v1::ANSWER_NO);
  protection::add_unread(product, "checks_scheduled", unsure);
}

}  // namespace

void add_clamav_scans(const ProductLook& look, const ClamavSetup& setup,
                      ProtectionProduct& product) {
  const bool is_scheduled = !setup.scans.jobs.empty();
  tell_schedule(setup, product);
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
  check.set_detail(
      is_scheduled || product.has_quick_scan()
          ? "those that are known look at parts of the system"
          : fmt::format("none is scheduled, and none has left a log in {}", kScanLogs));
}

}  // namespace muster::antivirus
