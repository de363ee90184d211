#include "agent/probes/intrusion_detection/rkhunter.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

#include "agent/probes/intrusion_detection/rkhunter_log.h"
#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/scheduled_jobs.h"
#include "agent/probes/protection/text_lines.h"
#include "agent/probes/root_files.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

constexpr const char* kSettings = "/etc/rkhunter.conf";
constexpr const char* kFurtherSettings = "/etc/rkhunter.d";
constexpr const char* kDefaults = "/etc/default/rkhunter";
constexpr size_t kMostSettings = 100;
// The end of it: one check writes 150 kB.
constexpr size_t kMostOfLog = 4 << 20;
// A check takes minutes. A log that has not grown for so long is of one that was killed.
constexpr auto kLongestCheck = std::chrono::hours(3);

RkhunterSettings read_settings(const ProductLook& look, v1::ProtectionProduct& product) {
  RkhunterSettings settings;
  std::vector<std::string> paths = {kSettings, "/etc/rkhunter.conf.local"};
  const auto names = probe::list_in_root(look.root, kFurtherSettings, kMostSettings);
  if (names.ok()) {
    for (const std::string& name : *names)
      paths.push_back(fmt::format("{}/{}", kFurtherSettings, name));
  }
  for (const std::string& path : paths) {
    const auto text = protection::read_product_file(look, path, "last_check", product);
    if (text.ok()) parse_rkhunter_settings(*text, settings);
  }
  return settings;
}

// Debian's daily job does nothing unless /etc/default/rkhunter says CRON_DAILY_RUN="true".
bool is_switched_off(const ProductLook& look, const protection::ScheduledJob& job) {
  if (job.text.find("CRON_DAILY_RUN") == std::string::npos) return false;
  const auto text = probe::read_in_root(look.root, kDefaults, protection::kLargestProductFile);
  if (!text.ok()) return true;
  std::string_view left = *text;
  bool is_on = false;
  while (!left.empty()) {
    std::string_view line = protection::take_line(left);
    if (!take_prefix(line, "CRON_DAILY_RUN=")) continue;
    while (line.starts_with('"') || line.starts_with('\''))
      line.remove_prefix(1);
    is_on = !line.empty() && std::string_view("YyTt").find(line.front()) != std::string_view::npos;
  }
  return !is_on;
}

// That it checks: others update its data.
void tell_schedule(const ProductLook& look, v1::ProtectionProduct& product) {
  const protection::ScheduledJobs jobs = protection::jobs_that_call(look.root, {"rkhunter"});
  for (const protection::ScheduledJob& job : jobs.jobs) {
    const bool checks = job.text.find("--cronjob") != std::string::npos ||
                        job.text.find("--check") != std::string::npos ||
                        job.text.find(" -c") != std::string::npos;
    if (!checks || is_switched_off(look, job)) continue;
    product.set_checks_scheduled(v1::ANSWER_YES);
    return protection::add_source(product, job.name);
  }
  if (!jobs.unread.empty()) {
    return protection::add_unread(product, "checks_scheduled", jobs.unread);
  }
  product.set_checks_scheduled(v1::ANSWER_NO);
}

void read_properties(const ProductLook& look, const RkhunterSettings& settings,
                     v1::ProtectionProduct& product) {
  const std::string path = settings.data + "/rkhunter.dat";
  const auto made = protection::written_at(look, path, "baseline_at", product);
  if (made.ok()) {
    protection::set_time(product, &v1::ProtectionProduct::mutable_baseline_at,
                         protection::whole_seconds(*made));
    protection::add_source(product, path);
  } else if (absl::IsNotFound(made.status())) {
    protection::add_unread(product, "baseline_at",
                           fmt::format("{}: there is none; make it with rkhunter --propupd", path));
  }
}

void tell_run(const RkhunterRun& run, v1::LastCheck& check) {
  protection::set_time(check, &v1::LastCheck::mutable_started_at,
                       protection::whole_seconds(run.started_at));
  protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                       protection::whole_seconds(run.ended_at));
  if (!run.is_whole) return;
  check.set_result(run.warnings > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN);
  check.set_found(run.warnings);
  check.set_detail(run.rootkits.empty() ? run.first_warning
                                        : fmt::format("{}; {}", run.rootkits, run.first_warning));
}

void tell_last_check(const RkhunterLog& log, TimePoint written, TimePoint now,
                     v1::ProtectionProduct& product) {
  v1::LastCheck& check = *product.mutable_last_check();
  if (log.last->is_whole) {
    tell_run(*log.last, check);
    // A date in another language; the log was written last by that run.
    if (!check.has_ended_at() && log.ends_with_it) {
      protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                           protection::whole_seconds(written));
    }
    return;
  }
  if (!log.ends_with_it || now - written > kLongestCheck) {
    tell_run(*log.last, check);
    check.set_result(v1::CHECK_RESULT_FAILED);
    check.set_detail("it was ended before it had checked all");
  } else if (log.last_whole) {
    tell_run(*log.last_whole, check);
  } else {
    tell_run(*log.last, check);
    check.set_result(v1::CHECK_RESULT_RUNNING);
  }
}

void read_log(const ProductLook& look, const std::string& path, v1::ProtectionProduct& product) {
  const auto zone = protection::local_zone(look.root);
  const auto written = protection::written_at(look, path, "last_check", product);
  const auto text = protection::read_end_in_root(look.root, path, kMostOfLog);
  const auto unread = [&product, &path](std::string_view why) {
    protection::add_unread(product, "last_check", fmt::format("{}: {}", path, why));
  };
  if (absl::IsNotFound(text.status())) {
    return unread("there is none: it has not run yet, or it was rotated away");
  }
  if (!text.ok()) {
    return protection::add_unread(product, "last_check",
                                  protection::reason_of(path, text.status()));
  }
  if (!written.ok()) return;
  if (!zone) return unread("/etc/localtime is no file of a time zone");
  protection::add_source(product, path);
  const RkhunterLog log = parse_rkhunter_log(*text, *zone);
  if (!log.is_log && !trim(*text).empty()) {
    return unread("it is no log of Rootkit Hunter in English; see LANGUAGE in rkhunter.conf");
  }
  if (!log.last) return unread("it tells of no check since it was begun anew");
  product.set_version(log.last->version);
  tell_last_check(log, *written, look.now, product);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_rkhunter(const ProductLook& look) {
  if (!protection::is_there(look, "Rootkit Hunter",
                            {"/usr/bin/rkhunter", "/usr/local/bin/rkhunter"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  const RkhunterSettings settings = read_settings(look, product);
  read_properties(look, settings, product);
  read_log(look, settings.log, product);
  tell_schedule(look, product);
  return product;
}

}  // namespace muster::intrusion_detection
