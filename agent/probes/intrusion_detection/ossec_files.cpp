#include "agent/probes/intrusion_detection/ossec_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/running_programs.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

constexpr const char* kHomes[] = {"/var/ossec", "/opt/ossec"};
// The end of it: a day of a busy agent.
constexpr size_t kMostOfLog = 8 << 20;

constexpr uint64_t kLongestFrequency = 31 * 86'400;
constexpr auto kLateCheck = std::chrono::hours(1);

bool exists(const ProductLook& look, const std::string& path) {
  return probe::status_in_root(look.root, path).ok();
}

void reduce(v1::ProtectionProduct& product, std::string_view why) {
  product.set_mode(v1::PROTECTION_MODE_REDUCED);
  product.set_mode_words(std::string(why));
}

void tell_last_check(const std::string& path, const OssecLog& log, const OssecConfig& config,
                     TimePoint now, v1::ProtectionProduct& product) {
  if (!log.check_started_at && !log.check_ended_at) {
    // Wazuh begins its log anew at midnight: until a check is due again there is nothing to tell.
    const std::chrono::seconds due(std::min(config.check_frequency, kLongestFrequency));
    const bool is_due = log.begins_at && now - *log.begins_at > due + kLateCheck;
    if (!config.is_syscheck_off && is_due) {
      protection::add_unread(product, "last_check",
                             fmt::format("{}: it goes back to {}, and tells of no check of files",
                                         path, to_iso8601(*log.begins_at)));
    }
    return;
  }
  v1::LastCheck& check = *product.mutable_last_check();
  check.set_result(log.check_ended_at ? v1::CHECK_RESULT_ENDED : v1::CHECK_RESULT_RUNNING);
  const bool is_under_way =
      log.check_ended_at && log.check_started_at && *log.check_started_at > *log.check_ended_at;
  // While one is under way, the one before is still the last.
  if (!is_under_way) {
    protection::set_time(check, &v1::LastCheck::mutable_started_at,
                         protection::whole_seconds(log.check_started_at));
  }
  protection::set_time(check, &v1::LastCheck::mutable_ended_at,
                       protection::whole_seconds(log.check_ended_at));
}

}  // namespace

std::optional<OssecHome> find_ossec_home(const ProductLook& look, std::string_view product) {
  for (const char* path : kHomes) {
    const std::string bin = fmt::format("{}/bin", path);
    const std::string wazuh_syscheckd = bin + "/wazuh-syscheckd";
    const std::string ossec_syscheckd = bin + "/ossec-syscheckd";
    if (!protection::is_there(look, product, {wazuh_syscheckd.c_str(), ossec_syscheckd.c_str()})) {
      continue;
    }
    OssecHome home{.path = path, .is_wazuh = exists(look, wazuh_syscheckd)};
    // Until 4.2 Wazuh's programs had OSSEC's names, and the state file that OSSEC has not.
    home.is_wazuh = home.is_wazuh || exists(look, home.path + "/var/run/ossec-agentd.state") ||
                    exists(look, bin + "/wazuh-modulesd");
    home.is_agent = exists(look, bin + "/wazuh-agentd") || exists(look, bin + "/ossec-agentd");
    return home;
  }
  return std::nullopt;
}

OssecConfig read_ossec_config(const ProductLook& look, const OssecHome& home,
                              v1::ProtectionProduct& product) {
  const std::string path = home.path + "/etc/ossec.conf";
  absl::StatusOr<std::string> text =
      probe::read_in_root(look.root, path, protection::kLargestProductFile);
  absl::StatusOr<OssecConfig> config =
      text.ok() ? parse_ossec_config(*text) : absl::StatusOr<OssecConfig>(text.status());
  if (!config.ok()) {
    const std::string reason = protection::reason_of(path, config.status());
    for (const char* fact : {"mode", "real_time", "checks_scheduled"})
      protection::add_unread(product, fact, reason);
    if (home.is_agent) protection::add_unread(product, "management_server", reason);
    return {};
  }
  protection::add_source(product, path);
  if (home.is_agent) product.set_management_server(config->server);
  product.set_real_time(protection::answer(config->has_real_time && !config->is_syscheck_off));
  product.set_checks_scheduled(protection::answer(!config->is_syscheck_off));
  product.set_mode(v1::PROTECTION_MODE_ACTIVE);
  if (config->is_syscheck_off) reduce(product, "syscheck is switched off");
  return *std::move(config);
}

OssecLog read_ossec_log(const ProductLook& look, const OssecHome& home, const OssecConfig& config,
                        v1::ProtectionProduct& product) {
  const std::string path = home.path + "/logs/ossec.log";
  const auto unread = [&product, &path](std::string_view why) {
    protection::add_unread(product, "last_check", fmt::format("{}: {}", path, why));
    return OssecLog();
  };
  const auto zone = protection::local_zone(look.root);
  if (!zone) return unread("/etc/localtime is no file of a time zone");
  const auto text = protection::read_end_in_root(look.root, path, kMostOfLog);
  if (!text.ok()) {
    return unread(std::string_view(text.status().message().data(), text.status().message().size()));
  }
  protection::add_source(product, path);
  OssecLog log = parse_ossec_log(*text, *zone);
  if (!log.is_log && !text->empty()) return unread("it is no log of OSSEC's or Wazuh's");
  if (!log.buffer_trouble.empty()) protection::add_complaint(product, log.buffer_trouble);
  tell_last_check(path, log, config, look.now, product);
  return log;
}

void tell_ossec_daemons(const ProductLook& look, const char* unit, std::string_view daemon,
                        std::string_view checker, v1::ProtectionProduct& product) {
  std::vector<uint32_t> users;
  for (const char* name : {"wazuh", "ossec", "ossecm"}) {
    if (const auto number = protection::user_number(look.root, name)) users.push_back(*number);
  }
  // The process itself, before its unit: the others of the unit live on where one has died.
  protection::RunningEvidence evidence = protection::is_running(look, {}, daemon, users);
  const bool is_seen = evidence.runs.has_value();
  if (!is_seen) evidence = protection::is_running(look, {unit}, daemon, users);
  if (!evidence.runs) return protection::add_unread(product, "running", evidence.reason);
  product.set_running(protection::answer(*evidence.runs));
  if (!is_seen || !*evidence.runs) return;
  const protection::RunningEvidence checks = protection::is_running(look, {}, checker);
  if (!checks.runs.value_or(true)) reduce(product, fmt::format("{} does not run", checker));
}

}  // namespace muster::intrusion_detection
