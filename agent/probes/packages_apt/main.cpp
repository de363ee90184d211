// muster-probe-packages-apt: what apt and dpkg say of a system. See README.md.
#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/package_families.h"
#include "agent/probes/packages_apt/apt_cache.h"
#include "agent/probes/packages_apt/apt_configuration.h"
#include "agent/probes/packages_apt/automatic_updates.h"
#include "agent/probes/packages_apt/dpkg_journal.h"
#include "agent/probes/packages_apt/installed_kernels.h"
#include "agent/probes/packages_apt/lists_age.h"
#include "agent/probes/packages_apt/package_report.h"
#include "agent/probes/packages_apt/repository_keys.h"
#include "agent/probes/packages_apt/upgrade_evidence.h"
#include "agent/probes/packages_apt/version_order.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/clock.h"

namespace {

using namespace muster;
using namespace muster::packages_apt;

// For its sandbox alone, which the launcher makes: nothing is looked at because of it.
constexpr std::array<probe::Setting, 1> kSettings = {{
    {"readable", "what else it may read: where apt.conf or links in apt's lists lead"},
}};

v1::PackageFacts facts_of(const std::string& root, const AptPaths& paths, AptSnapshot& snapshot) {
  const auto kernels = installed_kernels(root, paths.status, snapshot.packages, &compare_versions,
                                         snapshot.problems);
  const auto keys = repository_keys(root, paths, snapshot, SystemClock().now());
  v1::PackageFacts facts =
      report(snapshot, first_that_tells(read_lists_stamps(root, paths.state, paths.lists)));
  facts.mutable_kernels()->Assign(kernels.begin(), kernels.end());
  facts.mutable_repository_keys()->Assign(keys.begin(), keys.end());
  *facts.mutable_automatic_updates() =
      automatic_updates(snapshot, read_upgrade_evidence(root, paths, snapshot));
  return facts;
}

v1::Section look(const v1::ProbeRequest& request) {
  const std::string& root = request.root();
  const auto dpkg_status = probe::status_in_root(root, kDpkgStatus);
  if (absl::IsNotFound(dpkg_status.status())) {
    const std::string missed =
        probe::why_database_is_missed(root, probe::PackageFamily::kDpkg, kDpkgStatus);
    if (!missed.empty()) return probe::failed(missed);
    return probe::not_applicable(
        fmt::format("there is no {}: this system does not use dpkg", kDpkgStatus));
  }
  if (!dpkg_status.ok()) {
    return probe::failed(
        fmt::format("looking at {}: {}", kDpkgStatus, std::string(dpkg_status.status().message())));
  }
  std::vector<std::string> problems;
  const absl::StatusOr<AptPaths> paths = configure_apt(root, problems);
  if (!paths.ok()) return probe::failed(std::string(paths.status().message()));
  if (std::string sentence = interrupted_dpkg(root, paths->status); !sentence.empty()) {
    problems.push_back(std::move(sentence));
  }
  absl::StatusOr<AptSnapshot> snapshot = read_apt_cache(*paths);
  if (!snapshot.ok()) return probe::failed(std::string(snapshot.status().message()));
  snapshot->problems.insert(snapshot->problems.begin(), problems.begin(), problems.end());
  return probe::observed(facts_of(root, *paths, *snapshot));
}

}  // namespace

int main(int argc, char** argv) {
  return probe::run(argc, argv,
                    {.name = "packages-apt",
                     .summary = "Reports installed packages and pending updates as apt sees them",
                     .settings = kSettings},
                    look);
}
