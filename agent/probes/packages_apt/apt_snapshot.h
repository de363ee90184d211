// What libapt-pkg said of a system, as plain values: the border between the reading (apt_cache.h,
// which links libapt-pkg) and the decisions (package_report.h, which do not). Values; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace muster::packages_apt {

// One Release file: who offers packages.
struct AptOrigin {
  std::string origin;
  std::string label;
  std::string suite;
  std::string codename;
  // Host part of the URI; empty for local files.
  std::string site;

  bool operator<(const AptOrigin& other) const {
    return std::tie(origin, label, suite, codename, site) <
           std::tie(other.origin, other.label, other.suite, other.codename, other.site);
  }
};

// A version that a repository offers of an installed package.
struct OfferedVersion {
  // Indices into AptSnapshot::origins.
  std::vector<size_t> origins;
  // Whether it is the installed version.
  bool installed = false;
  // Whether it is newer than the installed version and not newer than the candidate.
  bool pending = false;
};

enum class PlannedAction { kInstall, kKeep, kRemove };

// The candidate of a package that `apt list --upgradable` lists.
struct AptUpdate {
  std::string version;
  std::string source_package;
  // Indices into AptSnapshot::origins.
  std::vector<size_t> origins;
  // The share of machines that may have it already; 100 for all.
  unsigned phased_percentage = 100;
  // What `apt-get dist-upgrade` plans for the package.
  PlannedAction action = PlannedAction::kKeep;
  // What the candidate needs and no repository offers: "libfoo2 (>= 2.1)"; empty if nothing.
  std::string unmet_dependency;
};

struct AptPackage {
  std::string name;
  // Of the installed version: "amd64", "all".
  std::string architecture;
  // Of the installed version.
  std::string source_package;
  // As apt shows it: with ":i386" where it is foreign.
  std::string display_name;
  std::string installed_version;
  bool held = false;
  // False for unpacked, half-configured, half-installed, triggers awaited or to be reinstalled.
  bool fully_installed = true;
  // What repositories offer of it; empty for a package that none knows.
  std::vector<OfferedVersion> offers;
  std::optional<AptUpdate> update;
};

// One list of packages of a configured repository, and what its Release file says of it.
struct AptList {
  AptOrigin origin;
  // "main".
  std::string component;
};

// A configured repository.
struct AptRepository {
  // By its Release file; else `site` alone is told.
  AptOrigin origin;
  // As its source names it: "bookworm-security".
  std::string distribution;
  // Where it is: "deb.debian.org bookworm", and of local files the whole address.
  std::string place;
  // What of its Release file or of Release.gpg holds the signature; empty: it is not signed.
  std::string signature;
  // As libapt-pkg has it: file names or fingerprints with commas after them, or a key in armor.
  std::string signed_by;
  // The source says that its signature does not matter (trusted=yes).
  bool is_trusted_unsigned = false;
  // Its Release file is there; apt takes lists without one too, where the source says trusted=yes.
  bool has_release = true;
  // Neither its Release file nor a list is here.
  bool never_fetched = false;
  // Why its Release file or its signature could not be read; empty: they were, or are not there.
  std::string trouble;
};

struct AptSnapshot {
  // Those that offer any version of an installed package.
  std::vector<AptOrigin> origins;
  // Everything that is offered, whatever is installed.
  std::vector<AptList> lists;
  std::vector<AptRepository> repositories;
  // How many are configured, should not all be in the list.
  size_t all_repositories = 0;
  // The installed ones, in the order of the cache.
  std::vector<AptPackage> packages;
  // Whether a repository is configured and at least one of its lists is there.
  bool lists_present = false;
  // Why `apt-get dist-upgrade` would stop before installing anything; empty if it would not.
  std::string upgrade_error;
  // What libapt-pkg or the look itself could not read; one sentence each.
  std::vector<std::string> problems;
};

}  // namespace muster::packages_apt
