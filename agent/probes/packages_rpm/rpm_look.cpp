#include "agent/probes/packages_rpm/rpm_look.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/package_families.h"
#include "agent/probes/packages_rpm/automatic_updates.h"
#include "agent/probes/packages_rpm/base_architecture.h"
#include "agent/probes/packages_rpm/manager_settings.h"
#include "agent/probes/packages_rpm/other_managers.h"
#include "agent/probes/packages_rpm/package_locks.h"
#include "agent/probes/packages_rpm/package_report.h"
#include "agent/probes/packages_rpm/package_sack.h"
#include "agent/probes/packages_rpm/pending_updates.h"
#include "agent/probes/packages_rpm/rpm_database.h"
#include "agent/probes/packages_rpm/rpm_keys.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "agent/probes/root_guard.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::packages_rpm {
namespace {

// libdnf's complaints about what it leaves out, which it tells nobody else.
void keep_warning(const gchar* /*domain*/, GLogLevelFlags level, const gchar* message,
                  gpointer problems) {
  constexpr size_t kMost = 20;
  auto& kept = *static_cast<std::vector<std::string>*>(problems);
  const bool counts = (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) != 0;
  if (counts && kept.size() < kMost) kept.push_back("libdnf: " + printable(message, 256));
}

std::vector<PackageLock> locks_of(const std::string& root, const ManagerSettings& settings,
                                  std::vector<std::string>& problems) {
  constexpr size_t kLimit = 1 << 20;
  std::vector<const char*> files = {"/etc/dnf/plugins/versionlock.list",
                                    "/etc/yum/pluginconf.d/versionlock.list"};
  if (settings.zypper) files = {"/etc/zypp/locks"};
  for (const char* file : files) {
    const auto text = probe::read_in_root(root, file, kLimit);
    if (!text.ok()) {
      if (!absl::IsNotFound(text.status())) {
        problems.push_back(
            fmt::format("reading {}: {}", file, std::string(text.status().message())));
      }
      continue;
    }
    if (!settings.zypper) return dnf_locks(*text);
    size_t others = 0;
    std::vector<PackageLock> locks = zypper_locks(*text, others);
    if (others > 0) {
      problems.push_back(
          fmt::format("{} locks in {} are of a kind that is not understood", others, file));
    }
    return locks;
  }
  return {};
}

// Installed packages whose updates are in `before` and no longer in `after`.
std::set<std::string> names_left_out(const Candidates& before, const Candidates& after,
                                     const std::map<int, size_t>& by_id,
                                     const RpmSnapshot& snapshot) {
  std::set<std::string> names;
  for (const auto& [id, offers] : before) {
    const auto still = after.find(id);
    const bool same = still != after.end() && still->second == offers;
    if (!same) names.insert(snapshot.packages[by_id.at(id)].name);
  }
  return names;
}

void fill_updates(const PackageSack& loaded, const ManagerSettings& settings,
                  const std::vector<PackageLock>& locks, RpmSnapshot& snapshot) {
  std::map<int, size_t> by_id;
  fill_packages(loaded, snapshot, by_id);
  if (settings.zypper) exclude_other_vendors(loaded);
  Candidates candidates = find_candidates(loaded, settings.obsoletes);
  if (apply_excludes(loaded, settings)) {
    const Candidates all = std::exchange(candidates, find_candidates(loaded, settings.obsoletes));
    snapshot.excluded = names_left_out(all, candidates, by_id, snapshot);
  }
  Candidates locked;
  if (!locks.empty()) {
    snapshot.held = apply_locks(loaded, locks);
    const Candidates all = std::exchange(candidates, find_candidates(loaded, settings.obsoletes));
    snapshot.excluded.merge(names_left_out(all, candidates, by_id, snapshot));
    for (const auto& [id, offers] : all) {
      const std::string& name = snapshot.packages[by_id.at(id)].name;
      // A lock at a version that is still to come holds nothing yet.
      if (candidates.count(id) != 0) snapshot.held.erase(name);
      if (snapshot.held.count(name) != 0) locked[id] = offers;
    }
  }
  add_updates(loaded, candidates, by_id, "", snapshot);
  add_updates(loaded, locked, by_id, settings.zypper ? "locked by zypper" : "locked by versionlock",
              snapshot);
  plan_upgrade(loaded, settings, candidates, by_id, snapshot);
}

// Something that tells this state of a file apart from another.
std::array<int64_t, 3> state_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_size};
}

// What libdnf opens by itself of the modules: by root and path put together.
absl::Status check_module_files(const std::string& root) {
  const std::vector<std::string> directories = {"/etc/dnf/modules.d", "/etc/dnf/modules.defaults.d",
                                                "/var/lib/dnf/modulefailsafe"};
  if (absl::Status status = probe::check_joined(root, directories); !status.ok()) return status;
  return probe::check_openable(root, {}, directories);
}

// Whether an update that the configuration allows would not be installed.
bool any_kept_back(const RpmSnapshot& snapshot) {
  return std::any_of(snapshot.packages.begin(), snapshot.packages.end(), [](const RpmPackage& one) {
    return one.update && !one.update->planned && one.update->locked_by.empty();
  });
}

absl::StatusOr<RpmSnapshot> read_system(const std::string& root, const std::string& database,
                                        bool with_files) {
  RpmSnapshot snapshot;
  ::g_log_set_default_handler(&keep_warning, &snapshot.problems);
  const std::string main_file = database + "/rpmdb.sqlite";
  const auto before = state_of(main_file);
  absl::StatusOr<DatabaseSummary> summary = open_database(database);
  if (!summary.ok()) return summary.status();
  snapshot.distribution_vendor = summary->distribution_vendor;
  snapshot.kernels = summary->kernels;

  struct utsname machine {};
  ::uname(&machine);
  const ManagerSettings settings = read_settings(root,
                                                 {{"releasever", summary->release},
                                                  {"arch", machine.machine},
                                                  {"basearch", base_architecture(machine.machine)}},
                                                 snapshot.problems);
  snapshot.keys =
      repository_keys(root, settings, summary->keys, to_proto(SystemClock().now()).seconds());
  const std::vector<PackageLock> locks = locks_of(root, settings, snapshot.problems);
  const absl::StatusOr<PackageSack> loaded = load_sack(root, settings, with_files, snapshot);
  if (!loaded.ok()) return loaded.status();
  if (absl::Status status = check_module_files(root); !status.ok()) return status;
  if (const absl::Status modules = filter_modules(*loaded, root, settings); !modules.ok()) {
    return absl::DataLossError("the repositories' modules cannot be read: " +
                               std::string(modules.message()));
  }
  fill_updates(*loaded, settings, locks, snapshot);
  std::set<std::string> names;
  for (const RpmPackage& package : snapshot.packages)
    names.insert(package.name);
  snapshot.automatic_updates = automatic_updates(root, names);
  if (snapshot.packages.size() != summary->packages) {
    return absl::DataLossError(
        fmt::format("rpm's database names {} packages and has {}; 'rpmdb --rebuilddb' mends it",
                    summary->packages, snapshot.packages.size()));
  }
  if (state_of(main_file) != before) {
    return absl::UnavailableError("rpm's database changed during the look; the next one tells");
  }
  ::g_log_set_default_handler(&g_log_default_handler, nullptr);
  return snapshot;
}

}  // namespace

v1::Section look(const v1::ProbeRequest& request) {
  const std::string& root = request.root();
  const auto database = find_database(root);
  if (!database.ok()) return probe::failed(std::string(database.status().message()));
  if (!*database) {
    constexpr std::string_view kMissed = "rpm database in /usr/lib/sysimage/rpm or /var/lib/rpm";
    const std::string missed =
        probe::why_database_is_missed(root, probe::PackageFamily::kRpm, kMissed);
    if (!missed.empty()) return probe::failed(missed);
    const std::string unsupported = unsupported_manager(root);
    if (!unsupported.empty()) return probe::failed(unsupported);
    return probe::not_applicable(fmt::format("there is no {}", kMissed));
  }
  try {
    absl::StatusOr<RpmSnapshot> snapshot = read_system(root, **database, false);
    // A file that a package wants may be among those that were not read.
    if (snapshot.ok() && any_kept_back(*snapshot)) snapshot = read_system(root, **database, true);
    if (!snapshot.ok()) return probe::failed(std::string(snapshot.status().message()));
    return probe::observed(report(*snapshot));
  } catch (const std::exception& error) {
    // libdnf throws through its C functions too.
    return probe::failed(fmt::format("libdnf: {}", printable(error.what(), 512)));
  }
}

}  // namespace muster::packages_rpm
