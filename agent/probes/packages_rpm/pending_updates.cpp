#include "agent/probes/packages_rpm/pending_updates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "agent/probes/packages_rpm/errata.h"
#include "agent/probes/packages_rpm/evr_order.h"

namespace muster::packages_rpm {
namespace {

std::string text_of(::Pool* pool, Id id) {
  return text_or_empty(id == 0 ? nullptr : ::pool_id2str(pool, id));
}

// "bash" of "bash-5.1.8-9.el9.src.rpm".
std::string source_of(const PackageSack& loaded, Id id) {
  const PackagePtr package(::dnf_package_new(loaded.sack.get(), id));
  std::string source = text_or_empty(::dnf_package_get_sourcerpm(package.get()));
  for (int part = 0; part < 2; ++part) {
    const size_t dash = source.rfind('-');
    if (dash == std::string::npos) return ::dnf_package_get_name(package.get());
    source.resize(dash);
  }
  return source;
}

// By libsolv's repository: the index in the snapshot.
std::map<const Repo*, size_t> index_of_repositories(const PackageSack& loaded,
                                                    const RpmSnapshot& snapshot) {
  std::map<const Repo*, size_t> index;
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  int i = 0;
  Repo* repo = nullptr;
  FOR_REPOS(i, repo) {
    for (size_t seen = 0; seen < snapshot.repositories.size(); ++seen) {
      if (repo != pool->installed && snapshot.repositories[seen].id == repo->name) {
        index[repo] = seen;
      }
    }
  }
  return index;
}

}  // namespace

void fill_packages(const PackageSack& loaded, RpmSnapshot& snapshot, std::map<int, size_t>& by_id) {
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  const std::multimap<Id, Id> by_name = installed_by_name(pool);
  const Names installed_names = names_of_installed(pool);
  for (const auto& [name, id] : by_name)
    by_id.emplace(id, 0);
  for (auto& [id, index] : by_id) {
    const Solvable* solvable = ::pool_id2solvable(pool, id);
    index = snapshot.packages.size();
    RpmPackage& package = snapshot.packages.emplace_back();
    package.name = text_of(pool, solvable->name);
    package.architecture = text_of(pool, solvable->arch);
    package.version = text_of(pool, solvable->evr);
    package.vendor = text_of(pool, solvable->vendor);
  }
  for (const auto& [repo, seen] : index_of_repositories(loaded, snapshot)) {
    std::set<Id> vendors;
    Id id = 0;
    Solvable* solvable = nullptr;
    Id vendor = 0;
    FOR_REPO_SOLVABLES(repo, id, solvable) {
      // Most are of the one before.
      if (solvable->vendor != 0 && solvable->vendor != vendor) {
        vendor = solvable->vendor;
        vendors.insert(vendor);
      }
      if (!installed_names.at(static_cast<size_t>(solvable->name))) continue;
      const auto [first, last] = by_name.equal_range(solvable->name);
      for (auto entry = first; entry != last; ++entry) {
        const Solvable* installed = ::pool_id2solvable(pool, entry->second);
        if (!same_kind(installed, solvable)) continue;
        RpmPackage& package = snapshot.packages[by_id.at(entry->second)];
        package.offered_any.insert(seen);
        if (installed->evr == solvable->evr) package.offered_installed.insert(seen);
      }
    }
    for (const Id each : vendors)
      snapshot.repositories[seen].vendors.insert(text_of(pool, each));
  }
  snapshot.obsolete = static_cast<uint32_t>(
      std::count_if(snapshot.packages.begin(), snapshot.packages.end(),
                    [](const RpmPackage& package) { return package.offered_any.empty(); }));
}

void add_updates(const PackageSack& loaded, const Candidates& candidates,
                 const std::map<int, size_t>& by_id, const std::string& locked_by,
                 RpmSnapshot& snapshot) {
  if (candidates.empty()) return;
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  const auto repositories = index_of_repositories(loaded, snapshot);
  const Errata errata = errata_of_installed(loaded.sack.get());
  for (const auto& [id, offers] : candidates) {
    RpmPackage& package = snapshot.packages[by_id.at(id)];
    if (package.update) continue;
    RpmUpdate& update = package.update.emplace();
    const Solvable* offered = ::pool_id2solvable(pool, *offers.begin());
    const bool same_name = offered->name == ::pool_id2solvable(pool, id)->name;
    const std::string evr = text_of(pool, offered->evr);
    update.version = same_name ? evr : text_of(pool, offered->name) + "-" + evr;
    update.source_package = source_of(loaded, *offers.begin());
    update.locked_by = locked_by;
    for (const Id offer : offers) {
      const auto seen = repositories.find(::pool_id2solvable(pool, offer)->repo);
      if (seen != repositories.end()) update.repositories.push_back(seen->second);
    }
    update.errata_known =
        std::all_of(update.repositories.begin(), update.repositories.end(),
                    [&](size_t seen) { return snapshot.repositories[seen].has_errata; });
    if (same_name) {
      update.advisories = errata_between(errata, package.name, package.architecture, evr);
    }
  }
}

void plan_upgrade(const PackageSack& loaded, const ManagerSettings& settings,
                  const Candidates& candidates, const std::map<int, size_t>& by_id,
                  RpmSnapshot& snapshot) {
  if (candidates.empty()) return;
  DnfSack* sack = loaded.sack.get();
  // All newer versions of what has one, what replaces it, and the newest installed one of each.
  const QueryPtr targets = query_of(sack);
  keep_offers_of_installed(targets);
  ::hy_query_filter_num(targets.get(), HY_PKG_UPGRADES, HY_EQ, 1);
  const QueryPtr installed = query_of(sack);
  keep_installed(installed);
  ::hy_query_filter_latest_per_arch(installed.get(), 1);
  const PackageSetPtr set(::hy_query_run_set(targets.get()));
  const PackageSetPtr newest(::hy_query_run_set(installed.get()));
  for (const auto& [id, offers] : candidates) {
    if (MAPTST(::dnf_packageset_get_map(newest.get()), id) != 0) {
      MAPSET(::dnf_packageset_get_map(set.get()), id);
    }
    for (const Id offer : offers)
      MAPSET(::dnf_packageset_get_map(set.get()), offer);
  }
  const SelectorPtr selector(::hy_selector_create(sack));
  ::hy_selector_pkg_set(selector.get(), set.get());
  const GoalPtr goal(::hy_goal_create(sack));
  ::hy_goal_upgrade_selector(goal.get(), selector.get());
  int flags = DNF_NONE;
  if (settings.best) flags |= DNF_FORCE_BEST;
  if (!settings.weak_dependencies) flags |= DNF_IGNORE_WEAK_DEPS;
  if (::hy_goal_run_flags(goal.get(), static_cast<DnfGoalActions>(flags)) != 0) {
    snapshot.upgrade_error = fmt::format("{} conflicts; 'dnf upgrade --assumeno' names them",
                                         std::max(1, ::hy_goal_count_problems(goal.get())));
    return;
  }
  std::set<Id> planned;
  for (const auto list :
       {&hy_goal_list_upgrades, &hy_goal_list_installs, &hy_goal_list_obsoleted}) {
    const ArrayPtr packages(list(goal.get(), nullptr));
    for (guint i = 0; packages != nullptr && i < packages->len; ++i)
      planned.insert(::dnf_package_get_id(static_cast<DnfPackage*>(packages->pdata[i])));
  }
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  std::set<std::pair<Id, Id>> planned_versions;
  for (const Id id : planned) {
    const Solvable* solvable = ::pool_id2solvable(pool, id);
    planned_versions.emplace(solvable->name, solvable->evr);
  }
  for (const auto& [id, offers] : candidates) {
    const Solvable* offer = ::pool_id2solvable(pool, *offers.begin());
    snapshot.packages[by_id.at(id)].update->planned =
        planned_versions.count({offer->name, offer->evr}) != 0 || planned.count(id) != 0;
  }
}

}  // namespace muster::packages_rpm
