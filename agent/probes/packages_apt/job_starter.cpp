#include "agent/probes/packages_apt/job_starter.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/probes/probe_program.h"
#include "agent/probes/systemd_units.h"

namespace muster::packages_apt {
namespace {

using probe::UnitEntry;
using State = JobStarter::State;

constexpr const char* kSystemdRuns = "/run/systemd/system";
constexpr const char* kCronJob = "/etc/cron.daily/apt-compat";

bool is_installed(const std::vector<AptPackage>& packages, std::string_view name) {
  return std::any_of(packages.begin(), packages.end(),
                     [name](const AptPackage& package) { return package.name == name; });
}

bool systemd_runs(const std::string& root, const std::vector<AptPackage>& packages) {
  if (!root.empty()) return is_installed(packages, "systemd-sysv");
  struct stat found {};
  return ::stat(kSystemdRuns, &found) == 0;
}

JobStarter by_timer(const std::string& root, const std::string& job) {
  const std::string timer = job + ".timer";
  for (const std::string& name : {timer, job + ".service"}) {
    switch (probe::unit_entry(root, name)) {
      case UnitEntry::kMissing:
        return {State::kOff, fmt::format("there is no {}", name)};
      case UnitEntry::kMasked:
        return {State::kOff, fmt::format("{} is masked", name)};
      case UnitEntry::kUnknown:
        return {State::kUnknown, fmt::format("{} could not be looked at", name)};
      case UnitEntry::kThere:
        break;
    }
  }
  switch (probe::entry_wanted_by(root, "timers.target", timer)) {
    case UnitEntry::kMissing:
      return {State::kOff, fmt::format("{} is disabled", timer)};
    case UnitEntry::kUnknown:
      return {State::kUnknown, fmt::format("whether {} is enabled could not be told", timer)};
    case UnitEntry::kMasked:
    case UnitEntry::kThere:
      break;
  }
  return {State::kStarts, fmt::format("{} is enabled", timer)};
}

JobStarter by_cron(const std::string& root, const std::vector<AptPackage>& packages) {
  struct stat found {};
  if (::stat(probe::resolve_in_root(root, kCronJob).c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return {State::kOff, fmt::format("systemd does not run, and there is no {}", kCronJob)};
    }
    return {State::kUnknown, fmt::format("{} could not be looked at", kCronJob)};
  }
  if ((found.st_mode & S_IXUSR) == 0) {
    return {State::kOff, fmt::format("systemd does not run, and {} is not executable", kCronJob)};
  }
  constexpr std::array<std::string_view, 5> kCrons = {"anacron", "bcron", "cron", "cronie",
                                                      "systemd-cron"};
  const bool has_cron = std::any_of(kCrons.begin(), kCrons.end(), [&](std::string_view name) {
    return is_installed(packages, name);
  });
  if (!has_cron) return {State::kOff, "neither systemd nor a cron starts apt's daily jobs"};
  return {State::kStarts, fmt::format("cron starts {}", kCronJob)};
}

}  // namespace

JobStarter starter_of(const std::string& root, const std::string& job,
                      const std::vector<AptPackage>& packages) {
  return systemd_runs(root, packages) ? by_timer(root, job) : by_cron(root, packages);
}

}  // namespace muster::packages_apt
