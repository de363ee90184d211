#include "agent/probes/packages_rpm/package_sack.h"

#include <fmt/format.h>
#include <libdnf/dnf-context.h>
#include <sys/utsname.h>

#include <algorithm>
#include <exception>

#include "agent/probes/packages_rpm/repository_cache.h"
#include "agent/probes/packages_rpm/vendor_rules.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

// A directory that is nowhere: libdnf wants one for its own digests, and none is made or read.
constexpr const char* kNoDirectory = "/nonexistent";

std::string site_of(const std::string& address) {
  const size_t scheme = address.find("://");
  if (scheme == std::string::npos || address.starts_with("file:")) return {};
  std::string site = address.substr(scheme + 3);
  site = site.substr(0, site.find_first_of("/?#"));
  if (const size_t at = site.rfind('@'); at != std::string::npos) site = site.substr(at + 1);
  return printable(site.substr(0, site.find(':')), 128);
}

// What the cache has of it, loaded; its sentence if it could not be.
std::string load_repository(const std::string& root, const ManagerSettings& settings,
                            const RepositorySettings& wanted, bool with_files, PackageSack& loaded,
                            RpmRepository& seen) {
  const auto cached = find_in_cache(root, settings, wanted);
  if (!cached.ok()) return std::string(cached.status().message());
  if (cached->primary.empty()) {
    return "the cache has no list of its packages that can be read (primary.xml)";
  }
  RepoPtr repo(::hy_repo_create(wanted.id.c_str()));
  ::hy_repo_set_string(repo.get(), HY_REPO_MD_FN, cached->repomd.c_str());
  ::hy_repo_set_string(repo.get(), HY_REPO_PRIMARY_FN, cached->primary.c_str());
  if (!cached->updateinfo.empty()) {
    ::hy_repo_set_string(repo.get(), HY_REPO_UPDATEINFO_FN, cached->updateinfo.c_str());
  }
  if (with_files && !cached->filelists.empty()) {
    ::hy_repo_set_string(repo.get(), HY_REPO_FILELISTS_FN, cached->filelists.c_str());
  }
  if (!cached->modules.empty()) {
    loaded.has_modules = true;
    ::hy_repo_set_string(repo.get(), MODULES_FN, cached->modules.c_str());
  }
  ::hy_repo_set_priority(repo.get(), wanted.priority);
  ::hy_repo_set_cost(repo.get(), wanted.cost);
  const std::string& digests = cached->solv_directory;
  ::dnf_sack_set_cachedir(loaded.sack.get(), digests.empty() ? kNoDirectory : digests.c_str());
  // libdnf passes over errata that cannot be read: libsolv's last word tells.
  constexpr const char* kNoComplaint = "none so far";
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  ::pool_error(pool, 0, "%s", kNoComplaint);
  GError* error = nullptr;
  const int flags =
      DNF_SACK_LOAD_FLAG_USE_UPDATEINFO | (with_files ? DNF_SACK_LOAD_FLAG_USE_FILELISTS : 0);
  if (::dnf_sack_load_repo(loaded.sack.get(), repo.get(), flags, &error) == FALSE) {
    return "its metadata are damaged: " + message_of(error);
  }
  seen.loaded = true;
  const std::string complaint = ::pool_errstr(pool);
  const bool whole = complaint == kNoComplaint;
  seen.has_errata = !cached->updateinfo.empty() && whole;
  seen.updated_at = cached->updated_at;
  loaded.repositories.back() = std::move(repo);
  if (!whole) return "its errata are damaged: " + printable(complaint, 256);
  if (cached->names_errata && !seen.has_errata) {
    return "its errata are not in the cache, so that its updates do not tell what they are for";
  }
  return {};
}

// The packages that one pattern of dnf.conf names, in the repository of this id or in all.
QueryPtr named_by(const PackageSack& loaded, const std::string& pattern, const char* repository) {
  HySubject subject = ::hy_subject_create(pattern.c_str());
  HyNevra nevra = nullptr;
  QueryPtr query(::hy_subject_get_best_solution(subject, loaded.sack.get(), nullptr, &nevra, FALSE,
                                                TRUE, FALSE, FALSE, TRUE));
  ::hy_nevra_free(nevra);
  ::hy_subject_free(subject);
  if (repository != nullptr) {
    ::hy_query_filter(query.get(), HY_PKG_REPONAME, HY_EQ, repository);
  }
  return query;
}

QueryPtr named_by_any(const PackageSack& loaded, const std::vector<std::string>& patterns,
                      const char* repository) {
  QueryPtr all = query_of(loaded.sack.get());
  ::hy_query_filter_empty(all.get());
  for (const std::string& pattern : patterns) {
    ::hy_query_union(all.get(), named_by(loaded, pattern, repository).get());
  }
  return all;
}

// What dnf keeps of modules that are enabled and that no repository has any more.
bool has_kept_modules(const std::string& root) {
  const auto kept = probe::list_in_root(root, "/var/lib/dnf/modulefailsafe", 1);
  return kept.ok() ? !kept->empty() : !absl::IsNotFound(kept.status());
}

}  // namespace

absl::StatusOr<PackageSack> load_sack(const std::string& root, const ManagerSettings& settings,
                                      bool with_files, RpmSnapshot& snapshot) {
  // Empty: libdnf reads no file of settings by itself, which would be this machine's, and not the
  // looked-at system's.
  ::dnf_context_set_config_file_path("");
  PackageSack loaded;
  loaded.sack.reset(::dnf_sack_new());
  DnfSack* sack = loaded.sack.get();
  ::dnf_sack_set_cachedir(sack, kNoDirectory);
  GError* error = nullptr;
  if (::dnf_sack_setup(sack, 0, &error) == FALSE) {
    return absl::InternalError("libdnf does not start: " + message_of(error));
  }
  if (::dnf_sack_load_system_repo(sack, nullptr, 0, &error) == FALSE) {
    return absl::DataLossError("rpm's database cannot be read: " + message_of(error));
  }
  for (const RepositorySettings& wanted : settings.repositories) {
    RpmRepository& seen = snapshot.repositories.emplace_back();
    seen.id = wanted.id;
    seen.site = site_of(wanted.address);
    seen.seldom_refreshed = wanted.seldom_refreshed;
    loaded.repositories.emplace_back();
    const std::string complaint = load_repository(root, settings, wanted, with_files, loaded, seen);
    if (!complaint.empty()) {
      snapshot.problems.push_back(
          fmt::format("repository {}: {}", printable(wanted.id, 64), complaint));
    }
  }
  std::vector<const char*> install_only;
  for (const std::string& name : settings.install_only)
    install_only.push_back(name.c_str());
  install_only.push_back(nullptr);
  ::dnf_sack_set_installonly(sack, install_only.data());
  ::dnf_sack_set_installonly_limit(sack, settings.install_only_limit);
  ::dnf_sack_set_allow_vendor_change(sack, settings.allow_vendor_change ? TRUE : FALSE);
  return loaded;
}

absl::Status filter_modules(const PackageSack& loaded, const std::string& root,
                            const ManagerSettings& settings) {
  if (!loaded.has_modules && !has_kept_modules(root)) return absl::OkStatus();
  const ArrayPtr none(::g_ptr_array_new());
  try {
    ::dnf_sack_filter_modules(
        loaded.sack.get(), none.get(), root.empty() ? "/" : root.c_str(),
        settings.module_platform.empty() ? nullptr : settings.module_platform.c_str());
  } catch (const std::exception& error) {
    return absl::DataLossError(printable(error.what(), 512));
  }
  for (const RepositorySettings& repository : settings.repositories) {
    if (!repository.module_hotfixes) continue;
    // What the modules have hidden of it, seen past them.
    QueryPtr hidden(::hy_query_create_flags(loaded.sack.get(), HY_IGNORE_EXCLUDES));
    ::hy_query_filter(hidden.get(), HY_PKG_REPONAME, HY_EQ, repository.id.c_str());
    ::dnf_sack_remove_module_excludes(loaded.sack.get(), set_of(hidden).get());
  }
  return absl::OkStatus();
}

void exclude_other_vendors(const PackageSack& loaded) {
  ::Pool* pool = ::dnf_sack_get_pool(loaded.sack.get());
  if (pool->installed == nullptr) return;
  std::map<Id, std::set<std::string>> vendors;
  Id id = 0;
  Solvable* solvable = nullptr;
  FOR_REPO_SOLVABLES(pool->installed, id, solvable) {
    vendors[solvable->name].insert(vendor_class(::pool_id2str(pool, solvable->vendor)));
  }
  const PackageSetPtr others(::dnf_packageset_new(loaded.sack.get()));
  for (const RepoPtr& repo : loaded.repositories) {
    if (repo == nullptr) continue;
    const QueryPtr offered = query_of(loaded.sack.get());
    ::hy_query_filter(offered.get(), HY_PKG_REPONAME, HY_EQ,
                      ::hy_repo_get_string(repo.get(), HY_REPO_NAME));
    const PackageSetPtr found = set_of(offered);
    const Map* map = ::dnf_packageset_get_map(found.get());
    for (Id candidate = 1; candidate < pool->nsolvables && candidate < map->size * 8; ++candidate) {
      if (MAPTST(map, candidate) == 0) continue;
      const Solvable* offer = ::pool_id2solvable(pool, candidate);
      const auto installed = vendors.find(offer->name);
      if (installed == vendors.end()) continue;
      if (installed->second.count(vendor_class(::pool_id2str(pool, offer->vendor))) == 0) {
        MAPSET(::dnf_packageset_get_map(others.get()), candidate);
      }
    }
  }
  ::dnf_sack_add_excludes(loaded.sack.get(), others.get());
}

bool apply_excludes(const PackageSack& loaded, const ManagerSettings& settings) {
  const auto counts = [&](const std::string& id) {
    const auto& off = settings.without_excludes;
    return std::find(off.begin(), off.end(), "all") == off.end() &&
           std::find(off.begin(), off.end(), id) == off.end();
  };
  DnfSack* sack = loaded.sack.get();
  // All are looked for before any counts, as dnf does.
  std::vector<PackageSetPtr> excluded;
  std::vector<std::pair<PackageSetPtr, std::string>> included;
  for (const RepositorySettings& repository : settings.repositories) {
    if (!counts(repository.id)) continue;
    const char* id = repository.id.c_str();
    if (!repository.includes.empty()) {
      included.emplace_back(set_of(named_by_any(loaded, repository.includes, id)), repository.id);
    }
    if (!repository.excludes.empty()) {
      excluded.push_back(set_of(named_by_any(loaded, repository.excludes, id)));
    }
  }
  if (counts("main") && !settings.includes.empty()) {
    included.emplace_back(set_of(named_by_any(loaded, settings.includes, nullptr)), "");
  }
  if (counts("main") && !settings.excludes.empty()) {
    excluded.push_back(set_of(named_by_any(loaded, settings.excludes, nullptr)));
  }
  for (const auto& [packages, id] : included) {
    ::dnf_sack_add_includes(sack, packages.get());
    ::dnf_sack_set_use_includes(sack, id.empty() ? nullptr : id.c_str(), TRUE);
  }
  for (const PackageSetPtr& packages : excluded)
    ::dnf_sack_add_excludes(sack, packages.get());
  return !excluded.empty() || !included.empty();
}

}  // namespace muster::packages_rpm
