#include "agent/probes/packages_apt/automatic_updates.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

#include "agent/probes/packages_apt/origin_rules.h"
#include "common/text.h"

namespace muster::packages_apt {
namespace {

using State = JobStarter::State;

constexpr const char* kMechanism = "unattended-upgrades";

// As apt.systemd.daily reads them: one is off where it is "0" or not set.
bool is_off(const std::string& interval) {
  return interval.empty() || interval == "0";
}

// APT::Periodic::Enable is on where it is not set, or no number.
bool all_is_off(const std::string& enable) {
  int number = 1;
  const char* end = enable.data() + enable.size();
  const auto [parsed, error] = std::from_chars(enable.data(), end, number);
  return error == std::errc() && parsed == end && number == 0;
}

std::string said(std::string_view name, const std::string& value) {
  if (value.empty()) return fmt::format("APT::Periodic::{} is not set", name);
  return fmt::format("APT::Periodic::{} is \"{}\"", name, printable(value, 64));
}

// What is left where nothing installs updates for `reason`.
void set_not_installing(const UpgradeEvidence& evidence, std::string reason,
                        v1::AutomaticUpdateState& state) {
  const UpgradeSettings& settings = evidence.settings;
  const bool looks =
      !is_off(settings.update_package_lists) || !is_off(settings.download_upgradeable);
  const bool works =
      looks && !all_is_off(settings.enable) && evidence.download_job.state == State::kStarts;
  state.set_state(works ? v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY : v1::AUTOMATIC_UPDATES_OFF);
  state.set_reason(std::move(reason));
}

// Whether every security repository of the distribution that is configured is allowed.
bool takes_security(const AptSnapshot& snapshot, const std::vector<OriginPattern>& patterns) {
  const std::set<std::string> distribution = distribution_origins(snapshot);
  bool any = false;
  for (const AptList& list : snapshot.lists) {
    if (!is_security_origin(list.origin) || !is_distribution_origin(list.origin, distribution)) {
      continue;
    }
    any = true;
    if (!is_allowed(list, patterns)) return false;
  }
  return any;
}

bool is_installed(const AptSnapshot& snapshot) {
  return std::any_of(snapshot.packages.begin(), snapshot.packages.end(),
                     [](const AptPackage& package) {
                       return package.name == kMechanism && package.fully_installed;
                     });
}

void judge(const AptSnapshot& snapshot, const UpgradeEvidence& evidence,
           v1::AutomaticUpdateState& state) {
  const UpgradeSettings& settings = evidence.settings;
  if (!is_installed(snapshot)) {
    return set_not_installing(evidence, "unattended-upgrades is not installed", state);
  }
  // An unread file may switch anything on or off.
  if (!settings.unread_file.empty()) {
    return state.set_reason(fmt::format("{} could not be read, and may switch them on or off",
                                        printable(settings.unread_file, 256)));
  }
  if (all_is_off(settings.enable)) {
    return set_not_installing(evidence, said("Enable", settings.enable), state);
  }
  const std::string upgrade = said("Unattended-Upgrade", settings.unattended_upgrade);
  if (is_off(settings.unattended_upgrade)) return set_not_installing(evidence, upgrade, state);
  if (evidence.install_job.state == State::kOff) {
    return set_not_installing(evidence, evidence.install_job.reason, state);
  }
  if (evidence.install_job.state == State::kUnknown) {
    return state.set_reason(evidence.install_job.reason);
  }
  const auto patterns =
      parse_origin_patterns(settings.allowed_origins, settings.origins_patterns, evidence.names);
  if (!patterns.ok()) {
    return set_not_installing(evidence, std::string(patterns.status().message()), state);
  }
  state.set_state(v1::AUTOMATIC_UPDATES_ON);
  state.set_reason(fmt::format("{}, and {}", upgrade, evidence.install_job.reason));
  state.set_takes_security(takes_security(snapshot, *patterns));
}

}  // namespace

v1::AutomaticUpdateState automatic_updates(const AptSnapshot& snapshot,
                                           const UpgradeEvidence& evidence) {
  v1::AutomaticUpdateState state;
  state.set_mechanism(kMechanism);
  judge(snapshot, evidence, state);
  if (evidence.succeeded_at) *state.mutable_last_success_at() = *evidence.succeeded_at;
  const auto moment = [](const google::protobuf::Timestamp& time) {
    return std::tuple(time.seconds(), time.nanos());
  };
  std::optional<google::protobuf::Timestamp> last_run = evidence.ended_at;
  if (evidence.succeeded_at && (!last_run || moment(*last_run) < moment(*evidence.succeeded_at))) {
    last_run = evidence.succeeded_at;
  }
  if (last_run) *state.mutable_last_run_at() = *last_run;
  return state;
}

}  // namespace muster::packages_apt
