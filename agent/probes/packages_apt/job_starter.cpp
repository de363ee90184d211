#include "agent/probes/packages_apt/job_starter.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "agent/probes/probe_program.h"

namespace muster::packages_apt {
namespace {

namespace fs = std::filesystem;
using State = JobStarter::State;

// Where units are, as systemd.unit(5) ranks them; the first that has a name decides.
constexpr std::array<const char*, 5> kUnitDirectories = {
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/lib/systemd/system", "/usr/lib/systemd/system"};
constexpr const char* kSystemdRuns = "/run/systemd/system";
constexpr const char* kCronJob = "/etc/cron.daily/apt-compat";

enum class Entry { kMissing, kMasked, kThere, kUnknown };

// A name itself, links at its end not followed.
Entry entry_at(const std::string& root, const std::string& directory, const std::string& name) {
  const std::string path = probe::resolve_in_root(root, directory) + "/" + name;
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Entry::kMissing : Entry::kUnknown;
  }
  std::error_code error;
  const bool leads_nowhere =
      S_ISLNK(found.st_mode) ? fs::read_symlink(path, error) == "/dev/null" : found.st_size == 0;
  return leads_nowhere ? Entry::kMasked : Entry::kThere;
}

Entry unit(const std::string& root, const std::string& name) {
  for (const char* directory : kUnitDirectories) {
    if (const Entry entry = entry_at(root, directory, name); entry != Entry::kMissing) return entry;
  }
  return Entry::kMissing;
}

Entry wanted_by_timers(const std::string& root, const std::string& timer) {
  for (const char* directory : kUnitDirectories) {
    const Entry entry = entry_at(root, std::string(directory) + "/timers.target.wants", timer);
    if (entry != Entry::kMissing) return entry;
  }
  return Entry::kMissing;
}

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
    switch (unit(root, name)) {
      case Entry::kMissing:
        return {State::kOff, fmt::format("there is no {}", name)};
      case Entry::kMasked:
        return {State::kOff, fmt::format("{} is masked", name)};
      case Entry::kUnknown:
        return {State::kUnknown, fmt::format("{} could not be looked at", name)};
      case Entry::kThere:
        break;
    }
  }
  switch (wanted_by_timers(root, timer)) {
    case Entry::kMissing:
      return {State::kOff, fmt::format("{} is disabled", timer)};
    case Entry::kUnknown:
      return {State::kUnknown, fmt::format("whether {} is enabled could not be told", timer)};
    case Entry::kMasked:
    case Entry::kThere:
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
