// What librpm and libdnf said of a system, as plain values: the border between the reading
// (rpm_database.h, package_sack.h, which link them) and the decisions (package_report.h, which do
// not). Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

struct RpmUpdate {
  // "epoch:version-release", the epoch left out where it is 0. Where a package of another name
  // replaces the installed one: "name-version-release" of that.
  std::string version;
  std::string source_package;
  // Indices into RpmSnapshot::repositories.
  std::vector<size_t> repositories;
  // Whether every repository that offers a version between the installed and this one has errata.
  bool errata_known = true;
  // Those between the installed version and this one, by id.
  std::vector<v1::Advisory> advisories;
  // Whether a full upgrade would install it now.
  bool planned = false;
  // Why not, where the configuration says so: "locked by versionlock".
  std::string locked_by;
};

struct RpmPackage {
  std::string name;
  std::string architecture;
  std::string version;
  std::string vendor;
  // What repositories offer of it: those that have the installed version, and those that have any.
  std::set<size_t> offered_installed;
  std::set<size_t> offered_any;
  std::optional<RpmUpdate> update;
};

struct RpmRepository {
  std::string id;
  // Host part of its address; empty for local files.
  std::string site;
  // Whether its metadata lie in the cache and could be read.
  bool loaded = false;
  bool has_errata = false;
  // The vendors of what it offers.
  std::set<std::string> vendors;
  std::optional<google::protobuf::Timestamp> updated_at;
  // It is asked less often than dnf asks by itself: its age says nothing.
  bool seldom_refreshed = false;
};

struct RpmSnapshot {
  // By name and architecture; several of one name where it is installed more than once.
  std::vector<RpmPackage> packages;
  // Those that are configured and enabled.
  std::vector<RpmRepository> repositories;
  // Packages that are locked at their version, and those of which the configuration leaves updates
  // out.
  std::set<std::string> held;
  std::set<std::string> excluded;
  // No repository offers them, in any version.
  uint32_t obsolete = 0;
  // The vendor of the package that says which distribution this is; empty where none does.
  std::string distribution_vendor;
  // Why an upgrade would stop before installing anything; empty if it would not.
  std::string upgrade_error;
  std::vector<v1::InstalledKernel> kernels;
  std::vector<v1::RepositoryKey> keys;
  std::optional<v1::AutomaticUpdateState> automatic_updates;
  std::vector<std::string> problems;
};

}  // namespace muster::packages_rpm
