#include "agent/probes/packages_apt/apt_cache.h"

#include <apt-pkg/depcache.h>
#include <apt-pkg/error.h>
#include <apt-pkg/pkgcache.h>
#include <fmt/format.h>

#include <map>
#include <utility>

#include "agent/probes/packages_apt/apt_errors.h"
#include "agent/probes/packages_apt/apt_lists_check.h"
#include "agent/probes/packages_apt/cache_file.h"
#include "agent/probes/packages_apt/upgrade_plan.h"
#include "agent/probes/packages_apt/version_order.h"

namespace muster::packages_apt {
namespace {

std::string text(const char* field) {
  return field == nullptr ? std::string() : field;
}

AptOrigin origin_of(const pkgCache::PkgFileIterator& file) {
  return {text(file.Origin()), text(file.Label()), text(file.Archive()), text(file.Codename()),
          text(file.Site())};
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
    out.source_package = text(installed.SourcePkgName());
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
    return compare_versions(a.VerStr(), b.VerStr());
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
      if (is_new) snapshot_.origins.push_back(origin_of(file));
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
        if (alternative.Index() == last.Index()) return needs;
      }
    }
    return {};
  }

  pkgDepCache& plan_;
  AptSnapshot& snapshot_;
  std::map<unsigned long, size_t> index_of_file_;
};

absl::Status refusal() {
  const std::string errors = in_one_line(take_apt_messages().errors);
  // In its sandbox a link is read only if what it leads to may be.
  const bool denied = errors.find("Permission denied") != std::string::npos;
  return absl::UnavailableError(fmt::format(
      "apt cannot read its state: {}; {}", errors,
      denied ? "where it is a link, name what it leads to in the probe's setting readable"
             : "see apt-get check"));
}

std::vector<AptList> read_lists(pkgCache& cache) {
  std::vector<AptList> lists;
  for (pkgCache::PkgFileIterator file = cache.FileBegin(); !file.end(); ++file) {
    if (file.Flagged(pkgCache::Flag::NotSource)) continue;
    lists.push_back({origin_of(file), text(file.Component())});
  }
  return lists;
}

AptSnapshot read_snapshot(CacheFile& cache) {
  AptSnapshot snapshot;
  snapshot.problems = take_apt_messages().warnings;
  ListsCheck lists = check_lists(*cache.GetSourceList());
  snapshot.lists_present = lists.any_present;
  snapshot.problems.insert(snapshot.problems.end(), lists.problems.begin(), lists.problems.end());
  snapshot.repositories = std::move(lists.repositories);
  snapshot.all_repositories = lists.all_repositories;
  snapshot.lists = read_lists(*cache.GetPkgCache());

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

}  // namespace

absl::StatusOr<AptSnapshot> read_apt_cache(const AptPaths& paths) {
  for (const auto extent : {CacheFile::Extent::kRelevant, CacheFile::Extent::kWhole}) {
    CacheFile cache;
    if (!cache.open(extent, paths.package_cache)) return refusal();
    AptSnapshot snapshot = read_snapshot(cache);
    // Where conflicts are weighed, each package in the world has its part in the order in which
    // they are: only the whole world gives apt's own answer.
    if (extent == CacheFile::Extent::kWhole ||
        is_free_of_conflicts(*cache.GetDepCache(), snapshot)) {
      return snapshot;
    }
  }
  return absl::InternalError("the whole was not read");
}

}  // namespace muster::packages_apt
