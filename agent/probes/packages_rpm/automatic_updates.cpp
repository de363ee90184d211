#include "agent/probes/packages_rpm/automatic_updates.h"

#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

constexpr size_t kLimit = 1 << 20;

// What a timer does whatever automatic.conf says: dnf-automatic-install.timer passes
// --installupdates.
enum class Does { kAsConfigured, kInstall, kDownload, kNotify };
struct Timer {
  const char* name;
  const char* mechanism;
  Does does;
};
// Those that install come first: where several are enabled, one is enough.
constexpr std::array<Timer, 6> kTimers = {{
    {"transactional-update.timer", "transactional-update", Does::kInstall},
    {"dnf-automatic-install.timer", "dnf-automatic", Does::kInstall},
    {"dnf5-automatic.timer", "dnf5-automatic", Does::kAsConfigured},
    {"dnf-automatic.timer", "dnf-automatic", Does::kAsConfigured},
    {"dnf-automatic-download.timer", "dnf-automatic", Does::kDownload},
    {"dnf-automatic-notifyonly.timer", "dnf-automatic", Does::kNotify},
}};

// What installs updates too, and has settings that nobody here reads. "Present" is a package that
// is installed for nothing else, or the link by which YaST switches it on.
constexpr std::array<const char*, 2> kUnreadPackages = {"yum-cron", "os-update"};
constexpr std::array<const char*, 3> kYastJobs = {"/etc/cron.daily/opensuse.org-online_update",
                                                  "/etc/cron.weekly/opensuse.org-online_update",
                                                  "/etc/cron.monthly/opensuse.org-online_update"};

// Mechanism and reason; both are empty where there is none.
std::pair<std::string, std::string> unread_mechanism(const std::string& root,
                                                     const std::set<std::string>& installed) {
  for (const char* package : kUnreadPackages) {
    if (installed.count(package) == 0) continue;
    return {package, fmt::format("{} is installed, and whether it is switched on is not looked at",
                                 package)};
  }
  for (const char* job : kYastJobs) {
    if (absl::IsNotFound(probe::status_in_root(root, job).status())) continue;
    return {"YaST online update",
            fmt::format("{} is there, and what it installs is not looked at", job)};
  }
  return {};
}

bool is_yes(std::string_view value) {
  return value == "yes" || value == "Yes" || value == "true" || value == "True" || value == "1" ||
         value == "on";
}

constexpr const char* kEnabledTimers = "/etc/systemd/system/timers.target.wants";

// A system without that directory has none; an error where it cannot be told.
absl::StatusOr<std::vector<std::string>> enabled_timers(const std::string& root) {
  absl::StatusOr<std::vector<std::string>> names = probe::list_in_root(root, kEnabledTimers, 4096);
  if (absl::IsNotFound(names.status())) return std::vector<std::string>();
  return names;
}

v1::AutomaticUpdates state_of(Does does, const AutomaticSettings& settings) {
  switch (does) {
    case Does::kInstall:
      return v1::AUTOMATIC_UPDATES_ON;
    case Does::kDownload:
      return v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY;
    case Does::kNotify:
      return v1::AUTOMATIC_UPDATES_OFF;
    case Does::kAsConfigured:
      break;
  }
  if (settings.apply) return v1::AUTOMATIC_UPDATES_ON;
  return settings.download ? v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY : v1::AUTOMATIC_UPDATES_OFF;
}

std::string reason_of(const Timer& timer, v1::AutomaticUpdates state) {
  if (timer.does != Does::kAsConfigured) return fmt::format("{} is enabled", timer.name);
  const char* says = "downloads nothing and installs nothing";
  if (state == v1::AUTOMATIC_UPDATES_ON) says = "has apply_updates on";
  if (state == v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY) says = "has apply_updates off";
  return fmt::format("{} is enabled and automatic.conf {}", timer.name, says);
}

AutomaticSettings read_settings(const std::string& root) {
  for (const char* path : {"/etc/dnf/automatic.conf", "/etc/dnf/dnf5-plugins/automatic.conf"}) {
    const auto text = probe::read_in_root(root, path, kLimit);
    if (text.ok()) return automatic_settings(*text);
  }
  return {};
}

}  // namespace

AutomaticSettings automatic_settings(std::string_view text) {
  AutomaticSettings settings;
  bool in_commands = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      in_commands = line == "[commands]";
      continue;
    }
    const size_t equals = line.find('=');
    if (!in_commands || equals == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (key == "apply_updates") settings.apply = is_yes(value);
    if (key == "download_updates") settings.download = is_yes(value);
  }
  return settings;
}

v1::AutomaticUpdateState automatic_updates(const std::string& root,
                                           const std::set<std::string>& installed) {
  v1::AutomaticUpdateState out;
  const auto enabled = enabled_timers(root);
  if (!enabled.ok()) {
    out.set_mechanism("dnf-automatic");
    out.set_reason(fmt::format("which timers are enabled cannot be told: listing {}: {}",
                               kEnabledTimers, std::string(enabled.status().message())));
    return out;
  }
  const AutomaticSettings settings = read_settings(root);
  for (const Timer& timer : kTimers) {
    if (std::find(enabled->begin(), enabled->end(), timer.name) == enabled->end()) continue;
    const v1::AutomaticUpdates state = state_of(timer.does, settings);
    if (out.state() >= state) continue;
    out.set_mechanism(timer.mechanism);
    out.set_state(state);
    out.set_reason(reason_of(timer, state));
    // Whatever upgrade_type says: security updates are among all, and what "security" asks for.
    out.set_takes_security(state == v1::AUTOMATIC_UPDATES_ON);
    const auto stamp =
        probe::status_in_root(root, fmt::format("/var/lib/systemd/timers/stamp-{}", timer.name));
    out.clear_last_run_at();
    if (stamp.ok() && stamp->has_modified_at) *out.mutable_last_run_at() = stamp->modified_at;
  }
  if (out.state() == v1::AUTOMATIC_UPDATES_ON) return out;
  if (const auto [mechanism, reason] = unread_mechanism(root, installed); !mechanism.empty()) {
    out.Clear();
    out.set_mechanism(mechanism);
    out.set_reason(reason);
    return out;
  }
  if (out.state() != v1::AUTOMATIC_UPDATES_UNSPECIFIED) return out;
  out.set_mechanism("dnf-automatic");
  out.set_state(v1::AUTOMATIC_UPDATES_OFF);
  const bool there =
      installed.count("dnf-automatic") != 0 || installed.count("dnf5-plugin-automatic") != 0;
  out.set_reason(there ? "none of its timers is enabled" : "it is not installed");
  return out;
}

}  // namespace muster::packages_rpm
