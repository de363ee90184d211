#include "agent/probes/packages_apt/apt_cache.h"

#include <apt-pkg/algorithms.h>
#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/depcache.h>
#include <apt-pkg/error.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/upgrade.h>
#include <apt-pkg/version.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "agent/probes/packages_apt/apt_errors.h"
#include "agent/probes/packages_apt/apt_lists_check.h"

namespace muster::packages_apt {
namespace {

std::string text(const char* field) {
  return field == nullptr ? std::string() : field;
}

// Reads the packages while nothing is planned yet: the planning discards candidates.
class PackageReader {
 public:
  PackageReader(pkgDepCache& plan, AptSnapshot& snapshot) : plan_(plan), snapshot_(snapshot) {}

  AptPackage read(const pkgCache::PkgIterator& package) {
    const pkgCache::VerIterator installed = package.CurrentVer();
    AptPackage out;
    out.name = text(package.Name());
    out.architecture = text(installed.Arch());
    out.display_name = package.FullName(true);
    out.installed_version = text(installed.VerStr());
    out.held = package->SelectedState == pkgCache::State::Hold;
    out.fully_installed = package->CurrentState == pkgCache::State::Installed &&
                          package->InstState != pkgCache::State::ReInstReq &&
                          package->InstState != pkgCache::State::HoldReInstReq;
    const bool upgradable = plan_[package].Upgradable();
    const pkgCache::VerIterator candidate = plan_[package].CandidateVerIter(plan_);
    for (pkgCache::VerIterator version = package.VersionList(); !version.end(); ++version) {
      OfferedVersion offer;
      offer.origins = origins_of(version);
      if (offer.origins.empty()) continue;
      const int order = compare(version, installed);
      offer.installed = order == 0;
      offer.pending = upgradable && order > 0 && compare(version, candidate) <= 0;
      out.offers.push_back(std::move(offer));
    }
    if (upgradable) out.update = read_update(candidate);
    return out;
  }

 private:
  static int compare(const pkgCache::VerIterator& a, const pkgCache::VerIterator& b) {
    return _system->VS->CmpVersion(a.VerStr(), b.VerStr());
  }

  AptUpdate read_update(const pkgCache::VerIterator& candidate) {
    AptUpdate update;
    update.version = text(candidate.VerStr());
    update.source_package = text(candidate.SourcePkgName());
    update.origins = origins_of(candidate);
    update.unmet_dependency = unmet_dependency(candidate);
    return update;
  }

  // Those that offer the version for download; the status file does not.
  std::vector<size_t> origins_of(const pkgCache::VerIterator& version) {
    std::vector<size_t> origins;
    for (pkgCache::VerFileIterator entry = version.FileList(); !entry.end(); ++entry) {
      const pkgCache::PkgFileIterator file = entry.File();
      if (file.Flagged(pkgCache::Flag::NotSource)) continue;
      const auto [known, is_new] = index_of_file_.try_emplace(file->ID, snapshot_.origins.size());
      if (is_new) {
        snapshot_.origins.push_back({text(file.Origin()), text(file.Label()), text(file.Archive()),
                                     text(file.Codename()), text(file.Site())});
      }
      origins.push_back(known->second);
    }
    return origins;
  }

  // The first dependency that no candidate of any package fulfils.
  std::string unmet_dependency(const pkgCache::VerIterator& version) {
    for (pkgCache::DepIterator next = version.DependsList(); !next.end();) {
      pkgCache::DepIterator alternative;
      pkgCache::DepIterator last;
      next.GlobOr(alternative, last);
      if (!last.IsCritical() || last.IsNegative()) continue;
      if ((plan_[last] & pkgDepCache::DepGCVer) == pkgDepCache::DepGCVer) continue;
      std::string needs;
      for (;; ++alternative) {
        if (!needs.empty()) needs += " | ";
        needs += text(alternative.TargetPkg().Name());
        if (alternative.TargetVer() != nullptr) {
          needs += fmt::format(" ({} {})", alternative.CompType(), alternative.TargetVer());
        }
        if (alternative == last) return needs;
      }
    }
    return {};
  }

  pkgDepCache& plan_;
  AptSnapshot& snapshot_;
  std::map<unsigned long, size_t> index_of_file_;
};

// What apt-get does before and for dist-upgrade. The error says why it would stop.
absl::Status plan_upgrade(pkgDepCache& plan) {
  const auto stopped = [] {
    return absl::FailedPreconditionError(in_one_line(take_apt_messages().errors));
  };
  if (!pkgApplyStatus(plan)) return stopped();
  if (plan.BrokenCount() != 0) {
    if (!_config->FindB("APT::Get::Fix-Broken", false)) {
      return absl::FailedPreconditionError(
          "installed packages have unmet dependencies; run apt-get --fix-broken install");
    }
    if (!pkgFixBroken(plan) || plan.BrokenCount() != 0 || !pkgMinimizeUpgrade(plan)) {
      return stopped();
    }
  }
  if (!APT::Upgrade::Upgrade(plan, APT::Upgrade::ALLOW_EVERYTHING, nullptr) ||
      plan.BrokenCount() != 0) {
    return stopped();
  }
  return absl::OkStatus();
}

PlannedAction planned_action(pkgDepCache& plan, const pkgCache::PkgIterator& package) {
  if (plan[package].Delete()) return PlannedAction::kRemove;
  return plan[package].Install() ? PlannedAction::kInstall : PlannedAction::kKeep;
}

// Reads the phasing of updates that are kept back: the cache knows it, but does not tell others
// than apt. In the order of the lists, since a packed list is only read forwards cheaply.
class PhasingReader {
 public:
  void add(const pkgCache::VerIterator& candidate, AptUpdate& update) {
    for (pkgCache::VerFileIterator entry = candidate.FileList(); !entry.end(); ++entry) {
      if (entry.File().Flagged(pkgCache::Flag::NotSource)) continue;
      wanted_.push_back({entry, &update});
    }
  }

  void read(pkgCache& cache) {
    if (wanted_.empty()) return;
    std::sort(wanted_.begin(), wanted_.end(), [](const Wanted& a, const Wanted& b) {
      return std::pair(a.entry.File()->ID, a.entry->Offset) <
             std::pair(b.entry.File()->ID, b.entry->Offset);
    });
    pkgRecords records(cache);
    for (const Wanted& wanted : wanted_) {
      const std::string field =
          records.Lookup(wanted.entry).RecordField("Phased-Update-Percentage");
      unsigned percentage = 100;
      const char* end = field.data() + field.size();
      if (std::from_chars(field.data(), end, percentage).ptr != end) continue;
      wanted.update->phased_percentage = std::min(wanted.update->phased_percentage, percentage);
    }
  }

 private:
  struct Wanted {
    pkgCache::VerFileIterator entry;
    AptUpdate* update;
  };
  std::vector<Wanted> wanted_;
};

// A package that waits, and its place in the snapshot.
struct Pending {
  pkgCache::PkgIterator package;
  pkgCache::VerIterator candidate;
  size_t index;
};

void fill_plan(pkgDepCache& plan, const std::vector<Pending>& pending, AptSnapshot& snapshot) {
  if (absl::Status status = plan_upgrade(plan); !status.ok()) {
    snapshot.upgrade_error = std::string(status.message());
    if (snapshot.upgrade_error.empty()) snapshot.upgrade_error = "no solution was found";
    return;
  }
  PhasingReader phasing;
  for (const auto& [package, candidate, index] : pending) {
    AptUpdate& update = *snapshot.packages[index].update;
    update.action = planned_action(plan, package);
    if (update.action == PlannedAction::kKeep && !snapshot.packages[index].held) {
      phasing.add(candidate, update);
    }
  }
  phasing.read(plan.GetCache());
}

absl::Status refusal() {
  return absl::UnavailableError(fmt::format("apt cannot read its state: {}; see apt-get check",
                                            in_one_line(take_apt_messages().errors)));
}

}  // namespace

absl::StatusOr<AptSnapshot> read_apt_cache() {
  pkgCacheFile cache;
  if (!cache.Open(nullptr, false)) return refusal();
  AptSnapshot snapshot;
  snapshot.problems = take_apt_messages().warnings;
  ListsCheck lists = check_lists(*cache.GetSourceList());
  snapshot.lists_present = lists.any_present;
  snapshot.problems.insert(snapshot.problems.end(), lists.problems.begin(), lists.problems.end());

  pkgDepCache& plan = *cache.GetDepCache();
  PackageReader reader(plan, snapshot);
  std::vector<Pending> pending;
  for (pkgCache::PkgIterator package = plan.PkgBegin(); !package.end(); ++package) {
    if (package.CurrentVer().end()) continue;
    snapshot.packages.push_back(reader.read(package));
    if (!snapshot.packages.back().update) continue;
    pending.push_back(
        {package, plan[package].CandidateVerIter(plan), snapshot.packages.size() - 1});
  }
  if (!pending.empty()) fill_plan(plan, pending, snapshot);
  for (std::string& warning : take_apt_messages().warnings)
    snapshot.problems.push_back(std::move(warning));
  return snapshot;
}

}  // namespace muster::packages_apt
