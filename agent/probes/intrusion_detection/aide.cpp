#include "agent/probes/intrusion_detection/aide.h"

#include <fmt/format.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/intrusion_detection/aide_config.h"
#include "agent/probes/intrusion_detection/aide_report.h"
#include "agent/probes/intrusion_detection/check_schedule.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

// Debian's, and of the others.
constexpr const char* kConfigs[] = {"/etc/aide/aide.conf", "/etc/aide.conf"};
// Of a report: one that tells of 50,000 changes has 10 MB. JSON costs six times its size.
constexpr size_t kLargestReport = 16 << 20;
constexpr size_t kLargestJsonReport = 4 << 20;
// Debian ships 200.
constexpr size_t kMostConfigFiles = 500;
// Where Debian's daily check keeps its log, whatever aide.conf says.
constexpr const char* kDailyLog = "/var/log/aide/aide.log";

// aide(1), and the script of Debian's that calls it.
CheckCommand own_check() {
  return {.programs = {"aide", "dailyaidecheck"},
          .other_uses = {"--init", "-i", "--dry-init", "-n", "--compare", "-E", "--config-check",
                         "-D", "--path-check", "-p", "--list", "--version", "-v", "--help", "-h"}};
}

// A file, or the files of a directory; scripts, which print settings, are passed over.
void read_included(const ProductLook& look, const std::string& path, std::deque<std::string>& left,
                   AideConfig& config, v1::ProtectionProduct& product) {
  const auto names = probe::list_in_root(look.root, path, kMostConfigFiles);
  if (names.ok()) {
    for (const std::string& name : *names)
      left.push_back(fmt::format("{}/{}", path, name));
    return;
  }
  const auto text = protection::read_product_file(look, path, "last_check", product);
  if (text.ok() && !text->starts_with("#!")) parse_aide_config(*text, config);
}

// False if there is none that can be read.
bool read_config(const ProductLook& look, AideConfig& config, v1::ProtectionProduct& product) {
  for (const char* path : kConfigs) {
    const auto text = protection::read_product_file(look, path, "baseline_at", product);
    if (!text.ok()) continue;
    protection::add_source(product, path);
    parse_aide_config(*text, config);
    std::deque<std::string> left(config.includes.begin(), config.includes.end());
    for (size_t read = 0; !left.empty() && read < kMostConfigFiles; ++read) {
      const std::string next = std::move(left.front());
      left.pop_front();
      read_included(look, next, left, config, product);
    }
    return true;
  }
  return false;
}

// False if there is none.
bool read_database(const ProductLook& look, const AideConfig& config,
                   v1::ProtectionProduct& product) {
  const auto made = protection::written_at(look, config.database, "baseline_at", product);
  if (made.ok()) {
    protection::set_time(product, &v1::ProtectionProduct::mutable_baseline_at,
                         protection::whole_seconds(*made));
    protection::add_source(product, config.database);
    return true;
  }
  if (!absl::IsNotFound(made.status())) return true;
  const bool has_new =
      !config.new_database.empty() && probe::status_in_root(look.root, config.new_database).ok();
  protection::add_unread(
      product, "baseline_at",
      has_new ? fmt::format("{}: there is none; {} was made and waits to be put there",
                            config.database, config.new_database)
              : fmt::format("{}: there is none; make it with aide --init (Debian: aideinit)",
                            config.database));
  return false;
}

// The one that tells of the latest check. What is newer than that and cannot be read keeps the last
// check from being told: an older report would pass for it.
class Reports {
 public:
  Reports(const ProductLook& look, const absl::TimeZone& zone) : look_(look), zone_(zone) {}

  void read(const std::string& path) {
    const auto status = probe::status_in_root(look_.root, path);
    if (absl::IsNotFound(status.status())) return;
    if (!status.ok()) return refuse(TimePoint::max(), protection::reason_of(path, status.status()));
    if (status->kind != probe::FileKind::kRegular) return;  // report_url=file:/dev/null
    const TimePoint written = from_proto(status->modified_at);
    absl::StatusOr<std::string> text = probe::read_in_root(look_.root, path, kLargestReport);
    if (text.ok() && text->starts_with('{') && text->size() > kLargestJsonReport) {
      text = absl::OutOfRangeError(fmt::format(
          "it is larger than {} MiB, which is too much of JSON", kLargestJsonReport >> 20));
    }
    if (!text.ok()) return refuse(written, protection::reason_of(path, text.status()));
    if (text->empty()) return refuse(written, path + ": it is empty, as behind a rotation");
    absl::StatusOr<AideReport> report = parse_aide_report(*text, zone_);
    if (!report.ok()) return refuse(written, protection::reason_of(path, report.status()));
    const TimePoint told = report->ended_at.value_or(report->started_at.value_or(written));
    if (!path_.empty() && told <= told_) return;
    path_ = path;
    told_ = told;
    written_ = written;
    best_ = *std::move(report);
  }

  void tell(bool has_database, v1::ProtectionProduct& product) const {
    if (path_.empty() || refused_at_ > written_) {
      if (!refused_.empty()) return protection::add_unread(product, "last_check", refused_);
      if (!has_database) {
        product.mutable_last_check()->set_result(v1::CHECK_RESULT_NEVER);
        product.mutable_last_check()->set_detail("there is no database to compare with");
        return;
      }
      return protection::add_unread(
          product, "last_check",
          "there is no report: none was written yet, or it was rotated away; see report_url in "
          "aide.conf");
    }
    protection::add_source(product, path_);
    product.set_version(best_.version);
    v1::LastCheck& check = *product.mutable_last_check();
    check.set_result(best_.result);
    if (best_.found) check.set_found(*best_.found);
    check.set_detail(best_.detail);
    if (best_.result == v1::CHECK_RESULT_NEVER) return;
    protection::set_time(check, &v1::LastCheck::mutable_started_at,
                         protection::whole_seconds(best_.started_at));
    protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                         protection::whole_seconds(best_.ended_at.value_or(written_)));
  }

 private:
  void refuse(TimePoint written, std::string reason) {
    if (!refused_.empty() && written <= refused_at_) return;
    refused_ = std::move(reason);
    refused_at_ = written;
  }

  const ProductLook& look_;
  const absl::TimeZone& zone_;
  std::string path_;
  TimePoint told_;
  TimePoint written_;
  AideReport best_;
  std::string refused_;
  TimePoint refused_at_ = TimePoint::min();
};

}  // namespace

std::optional<v1::ProtectionProduct> read_aide(const ProductLook& look) {
  if (!protection::is_there(look, "AIDE", {"/usr/bin/aide", "/usr/sbin/aide"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  product.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  AideConfig config;
  bool has_database = true;
  if (!read_config(look, config, product)) {
    protection::add_unread(product, "baseline_at",
                           "neither /etc/aide/aide.conf nor /etc/aide.conf is there");
  } else if (config.database.empty()) {
    protection::add_unread(product, "baseline_at",
                           "aide.conf names no database_in=file:...: it cannot be looked at");
  } else {
    has_database = read_database(look, config, product);
  }
  if (!has_database) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("no database to compare with");
  }
  const auto zone = protection::local_zone(look.root);
  if (!zone) {
    protection::add_unread(product, "last_check", "/etc/localtime: it is no file of a time zone");
    return product;
  }
  Reports reports(look, *zone);
  for (const std::string& path : config.reports)
    reports.read(path);
  if (std::find(config.reports.begin(), config.reports.end(), kDailyLog) == config.reports.end()) {
    reports.read(kDailyLog);
  }
  reports.tell(has_database, product);
  tell_check_schedule(look, own_check(), product);
  return product;
}

}  // namespace muster::intrusion_detection
