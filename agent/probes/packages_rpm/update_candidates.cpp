#include "agent/probes/packages_rpm/update_candidates.h"

namespace muster::packages_rpm {
namespace {

bool says_it_replaces_installed(::Pool* pool, const Solvable* offer) {
  if (offer->obsoletes == 0) return false;
  for (const Id* word = offer->repo->idarraydata + offer->obsoletes; *word != 0; ++word) {
    Id id = 0;
    Id offset = 0;
    FOR_PROVIDES(id, offset, *word) {
      if (::pool_id2solvable(pool, id)->repo == pool->installed) return true;
    }
  }
  return false;
}

// Those under which something is offered that says that it replaces what provides some installed
// package: few, or none. What each package provides is known to libsolv by now.
Names names_that_replace(::Pool* pool) {
  Names names(static_cast<size_t>(pool->ss.nstrings));
  Id id = 0;
  FOR_POOL_SOLVABLES(id) {
    const Solvable* solvable = ::pool_id2solvable(pool, id);
    if (solvable->repo == pool->installed || !says_it_replaces_installed(pool, solvable)) continue;
    names.at(static_cast<size_t>(solvable->name)) = true;
  }
  return names;
}

// Installed and offered ones.
PackageSetPtr all_named(DnfSack* sack, const Names& names) {
  PackageSetPtr set(::dnf_packageset_new(sack));
  const ::Pool* pool = ::dnf_sack_get_pool(sack);
  Id id = 0;
  FOR_POOL_SOLVABLES(id) {
    if (!names.at(static_cast<size_t>(::pool_id2solvable(pool, id)->name))) continue;
    MAPSET(::dnf_packageset_get_map(set.get()), id);
  }
  return set;
}

// The newest installed package that the offer would take the place of; 0 if none.
Id newest_replaced(::Pool* pool, const std::multimap<Id, Id>& by_name, Id offer) {
  const Solvable* offered = ::pool_id2solvable(pool, offer);
  Id newest = 0;
  const auto [first, last] = by_name.equal_range(offered->name);
  for (auto entry = first; entry != last; ++entry) {
    const Solvable* installed = ::pool_id2solvable(pool, entry->second);
    if (!same_kind(installed, offered)) continue;
    const bool newer =
        newest == 0 || ::pool_evrcmp(pool, installed->evr, ::pool_id2solvable(pool, newest)->evr,
                                     EVRCMP_COMPARE) > 0;
    if (newer) newest = entry->second;
  }
  return newest;
}

void add_obsoleting(const PackageSack& loaded, Candidates& candidates) {
  DnfSack* sack = loaded.sack.get();
  ::Pool* pool = ::dnf_sack_get_pool(sack);
  const PackageSetPtr perhaps = all_named(sack, names_that_replace(pool));
  if (::dnf_packageset_count(perhaps.get()) == 0) return;
  const QueryPtr installed = query_of(sack);
  keep_installed(installed);
  const QueryPtr obsoleting = query_of(sack);
  ::hy_query_filter_package_in(obsoleting.get(), HY_PKG, HY_EQ, perhaps.get());
  ::hy_query_filter_package_in(obsoleting.get(), HY_PKG_OBSOLETES_BY_PRIORITY, HY_EQ,
                               set_of(installed).get());
  keep_available(obsoleting);
  const ArrayPtr found(::hy_query_run(obsoleting.get()));
  for (guint i = 0; i < found->len; ++i) {
    auto* package = static_cast<DnfPackage*>(found->pdata[i]);
    const std::unique_ptr<DnfReldepList, Freed<DnfReldepList, &dnf_reldep_list_free>> names(
        ::dnf_package_get_obsoletes(package));
    const QueryPtr replaced(::hy_query_clone(installed.get()));
    ::hy_query_filter_reldep_in(replaced.get(), HY_PKG_PROVIDES, names.get());
    const ArrayPtr old(::hy_query_run(replaced.get()));
    for (guint j = 0; j < old->len; ++j) {
      const Id id = ::dnf_package_get_id(static_cast<DnfPackage*>(old->pdata[j]));
      const Id by = ::dnf_package_get_id(package);
      // One's own name is an update; and an update of the same name comes first.
      if (::pool_id2solvable(pool, id)->name == ::pool_id2solvable(pool, by)->name) continue;
      if (candidates.count(id) == 0) candidates[id] = {by};
    }
  }
}

}  // namespace

bool same_kind(const Solvable* left, const Solvable* right) {
  return left->name == right->name &&
         (left->arch == right->arch || left->arch == ARCH_NOARCH || right->arch == ARCH_NOARCH) &&
         left->repo != right->repo;
}

std::multimap<Id, Id> installed_by_name(::Pool* pool) {
  std::multimap<Id, Id> by_name;
  if (pool->installed == nullptr) return by_name;
  Id id = 0;
  Solvable* solvable = nullptr;
  FOR_REPO_SOLVABLES(pool->installed, id, solvable) {
    by_name.emplace(solvable->name, id);
  }
  return by_name;
}

Names names_of_installed(const ::Pool* pool) {
  Names names(static_cast<size_t>(pool->ss.nstrings));
  if (pool->installed == nullptr) return names;
  Id id = 0;
  Solvable* solvable = nullptr;
  FOR_REPO_SOLVABLES(pool->installed, id, solvable) {
    names.at(static_cast<size_t>(solvable->name)) = true;
  }
  return names;
}

void keep_offers_of_installed(const QueryPtr& query) {
  DnfSack* sack = ::hy_query_get_sack(query.get());
  const Names names = names_of_installed(::dnf_sack_get_pool(sack));
  ::hy_query_filter_package_in(query.get(), HY_PKG, HY_EQ, all_named(sack, names).get());
}

Candidates find_candidates(const PackageSack& loaded, bool obsoletes) {
  Candidates candidates;
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  const std::multimap<Id, Id> by_name = installed_by_name(pool);
  const QueryPtr updates = query_of(loaded.sack.get());
  keep_offers_of_installed(updates);
  ::hy_query_filter_num(updates.get(), HY_PKG_UPGRADES_BY_PRIORITY, HY_EQ, 1);
  ::hy_query_filter_latest(updates.get(), 1);
  const ArrayPtr found(::hy_query_run(updates.get()));
  for (guint i = 0; i < found->len; ++i) {
    const Id offer = ::dnf_package_get_id(static_cast<DnfPackage*>(found->pdata[i]));
    const Id replaced = newest_replaced(pool, by_name, offer);
    if (replaced != 0) candidates[replaced].insert(offer);
  }
  if (obsoletes) add_obsoleting(loaded, candidates);
  return candidates;
}

}  // namespace muster::packages_rpm
