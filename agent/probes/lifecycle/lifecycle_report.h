// From what the sources say to the facts: which programme ends when, and whether the host gets it.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/host/os_release.h"
#include "agent/probes/lifecycle/distro_info.h"
#include "agent/probes/lifecycle/dpkg_packages.h"
#include "agent/probes/lifecycle/subscriptions.h"
#include "agent/probes/lifecycle/support_table.h"
#include "common/clock.h"
#include "muster/v1/lifecycle_facts.pb.h"

namespace muster::lifecycle {

inline constexpr int kMostProblems = 20;

// What the files of a system say.
struct LifecycleSources {
  OsRelease os;
  // When os-release was made, by its file's time; as that of the next, absent where it tells
  // nothing.
  std::optional<TimePoint> os_release_made_at;
  // Of distro-info-data; not known where it is not installed, or has not this release.
  ReleaseEnds distro_info;
  std::string distro_info_version;
  std::optional<TimePoint> distro_info_made_at;
  std::vector<SupportRow> table;
  // Absent: it could not be read.
  std::optional<ProCoverage> pro = ProCoverage{};
  // Freexian's repository is configured. Absent: what is configured could not be read.
  std::optional<bool> has_extended_lts = false;
  // What the running kernel is, or every kernel that an image at rest has.
  std::vector<KernelImage> kernels;
  std::vector<std::string> problems;
};

// The name by which the table has this distribution: CentOS Stream has the ID of CentOS Linux.
std::string table_id(const OsRelease& os);

// Where two sources differ about a programme, the one that was made later counts, and the period's
// source says what the other says. An end is the first moment, in UTC, after the last day with
// support.
v1::LifecycleFacts report(const LifecycleSources& sources);

}  // namespace muster::lifecycle
