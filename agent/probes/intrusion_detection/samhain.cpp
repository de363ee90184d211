#include "agent/probes/intrusion_detection/samhain.h"

#include <fmt/format.h>

#include <string>

#include "agent/probes/intrusion_detection/check_schedule.h"
#include "agent/probes/intrusion_detection/samhain_log.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/root_files.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

constexpr const char* kSettings = "/etc/samhain/samhainrc";
// The end of it: a first check of a changed host writes 400 bytes a file.
constexpr size_t kMostOfLog = 8 << 20;

// samhain(8).
CheckCommand own_check() {
  return {.programs = {"samhain"},
          .other_uses = {"-t init", "-t update", "--set-checksum-test=init",
                         "--set-checksum-test=update", "--list-database", "-d", "-j", "--version",
                         "-v", "--help", "-h", "start", "stop", "restart", "reload", "status"}};
}

SamhainPlaces read_places(const ProductLook& look, v1::ProtectionProduct& product) {
  const auto text = protection::read_product_file(look, kSettings, "mode", product);
  if (!text.ok()) return {};
  protection::add_source(product, kSettings);
  return parse_samhain_settings(*text);
}

std::optional<TimePoint> read_database(const ProductLook& look, const std::string& path,
                                       v1::ProtectionProduct& product) {
  const auto made = protection::written_at(look, path, "baseline_at", product);
  if (!made.ok()) {
    if (!absl::IsNotFound(made.status())) return std::nullopt;
    protection::add_unread(product, "baseline_at",
                           fmt::format("{}: there is none; make it with samhain -t init", path));
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("no database to compare with");
    return std::nullopt;
  }
  protection::set_time(product, &v1::ProtectionProduct::mutable_baseline_at,
                       protection::whole_seconds(*made));
  protection::add_source(product, path);
  return *made;
}

void tell_check(const std::string& path, const SamhainLog& log, bool is_cut,
                v1::ProtectionProduct& product) {
  if (!log.check_ended_at && !log.check_started_at) {
    return protection::add_unread(
        product, "last_check",
        fmt::format("{}: it tells of no check since it was begun anew; LogSeverity must let marks "
                    "through",
                    path));
  }
  v1::LastCheck& check = *product.mutable_last_check();
  const bool is_under_way =
      log.check_started_at && (!log.check_ended_at || *log.check_ended_at < *log.check_started_at);
  const bool is_dead = log.has_ended || product.running() == v1::ANSWER_NO;
  if (is_under_way && is_dead) {
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("Samhain ended before its check did");
    protection::set_time(check, &v1::LastCheck::mutable_started_at,
                         protection::whole_seconds(log.check_started_at));
    return;
  }
  const bool is_clean = log.check_ended_at && log.changes == 0;
  if (is_clean && is_cut && !log.has_start) {
    product.clear_last_check();
    return protection::add_unread(
        product, "last_check",
        fmt::format("{}: it is longer than {} MiB, and changes are told once: those before are not "
                    "known; acknowledge them with samhain -t update and begin the log anew",
                    path, kMostOfLog >> 20));
  }
  // While one is under way, the one before is still the last.
  if (!is_under_way || !log.check_ended_at) {
    protection::set_time(check, &v1::LastCheck::mutable_started_at,
                         protection::whole_seconds(log.check_started_at));
  }
  if (!log.check_ended_at) {
    check.set_result(v1::CHECK_RESULT_RUNNING);
    return;
  }
  check.set_result(log.changes > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN);
  check.set_found(log.changes);
  check.set_detail(is_clean && !log.has_start
                       ? "since its log was begun anew: what it told before is not in it"
                       : log.last_change);
  protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                       protection::whole_seconds(log.check_ended_at));
}

void read_log(const ProductLook& look, const std::string& path, std::optional<TimePoint> baseline,
              v1::ProtectionProduct& product) {
  bool is_cut = false;
  const auto text = protection::read_end_in_root(look.root, path, kMostOfLog, &is_cut);
  if (!text.ok()) {
    const bool is_none = absl::IsNotFound(text.status());
    return protection::add_unread(
        product, "last_check",
        is_none ? fmt::format("{}: there is none: it has not run yet, or it was rotated away", path)
                : protection::reason_of(path, text.status()));
  }
  protection::add_source(product, path);
  const SamhainLog log = parse_samhain_log(*text, baseline);
  if (!log.is_log && !text->empty()) {
    return protection::add_unread(product, "last_check", path + ": it is no log of Samhain's");
  }
  tell_check(path, log, is_cut, product);
}

// It is a daemon, or something starts it for a check (Daemon=no).
void tell_daemon(const ProductLook& look, v1::ProtectionProduct& product) {
  const protection::RunningEvidence evidence =
      protection::is_running(look, {"samhain.service"}, "samhain");
  product.set_mode(v1::PROTECTION_MODE_ACTIVE);
  if (evidence.runs.value_or(false)) {
    product.set_running(v1::ANSWER_YES);
    product.set_checks_scheduled(v1::ANSWER_YES);  // by itself: SetFileCheckTime
    return;
  }
  tell_check_schedule(look, own_check(), product);
  if (product.checks_scheduled() == v1::ANSWER_YES) {
    product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  } else if (evidence.runs) {
    product.set_running(v1::ANSWER_NO);
  } else {
    protection::add_unread(product, "running", evidence.reason);
    product.clear_checks_scheduled();  // by itself, if it runs
    protection::add_unread(product, "checks_scheduled", evidence.reason);
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_samhain(const ProductLook& look) {
  if (!protection::is_there(look, "Samhain", {"/usr/sbin/samhain", "/usr/local/sbin/samhain"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  const SamhainPlaces places = read_places(look, product);
  tell_daemon(look, product);
  const std::optional<TimePoint> baseline = read_database(look, places.database, product);
  read_log(look, places.log, baseline, product);
  return product;
}

}  // namespace muster::intrusion_detection
