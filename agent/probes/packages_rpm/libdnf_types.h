// Who frees what of libdnf and libsolv. For the files that link them.
#pragma once

#include "agent/probes/packages_rpm/libsolv_headers.h"

#include <libdnf/dnf-advisory.h>
#include <libdnf/dnf-advisorypkg.h>
#include <libdnf/dnf-advisoryref.h>
#include <libdnf/dnf-goal.h>
#include <libdnf/dnf-sack.h>
#include <libdnf/hy-goal.h>
#include <libdnf/hy-nevra.h>
#include <libdnf/hy-package.h>
#include <libdnf/hy-packageset.h>
#include <libdnf/hy-query.h>
#include <libdnf/hy-repo.h>
#include <libdnf/hy-selector.h>
#include <libdnf/hy-subject.h>

#include <memory>
#include <string>

namespace muster::packages_rpm {

template <typename T, auto kFree>
struct Freed {
  void operator()(T* thing) const { kFree(thing); }
};

using SackPtr = std::unique_ptr<DnfSack, Freed<DnfSack, &g_object_unref>>;
using PackagePtr = std::unique_ptr<DnfPackage, Freed<DnfPackage, &g_object_unref>>;
using PackageSetPtr = std::unique_ptr<DnfPackageSet, Freed<DnfPackageSet, &dnf_packageset_free>>;
using QueryPtr = std::unique_ptr<std::remove_pointer_t<HyQuery>,
                                 Freed<std::remove_pointer_t<HyQuery>, &hy_query_free>>;
using GoalPtr = std::unique_ptr<std::remove_pointer_t<HyGoal>,
                                Freed<std::remove_pointer_t<HyGoal>, &hy_goal_free>>;
using SelectorPtr = std::unique_ptr<std::remove_pointer_t<HySelector>,
                                    Freed<std::remove_pointer_t<HySelector>, &hy_selector_free>>;
using RepoPtr = std::unique_ptr<std::remove_pointer_t<HyRepo>,
                                Freed<std::remove_pointer_t<HyRepo>, &hy_repo_free>>;
using ArrayPtr = std::unique_ptr<GPtrArray, Freed<GPtrArray, &g_ptr_array_unref>>;
using AdvisoryPtr = std::unique_ptr<DnfAdvisory, Freed<DnfAdvisory, &dnf_advisory_free>>;

inline QueryPtr query_of(DnfSack* sack) {
  return QueryPtr(::hy_query_create(sack));
}
inline PackageSetPtr set_of(const QueryPtr& query) {
  return PackageSetPtr(::hy_query_run_set(query.get()));
}
// By their numbers: libdnf would compare the name of each one's repository.
inline PackageSetPtr installed_set(DnfSack* sack) {
  PackageSetPtr set(::dnf_packageset_new(sack));
  const ::Pool* pool = ::dnf_sack_get_pool(sack);
  if (pool->installed == nullptr) return set;
  Id id = 0;
  Solvable* solvable = nullptr;
  FOR_REPO_SOLVABLES(pool->installed, id, solvable) {
    MAPSET(::dnf_packageset_get_map(set.get()), id);
  }
  return set;
}
inline void keep_installed(const QueryPtr& query) {
  ::hy_query_filter_package_in(query.get(), HY_PKG, HY_EQ,
                               installed_set(::hy_query_get_sack(query.get())).get());
}
inline void keep_available(const QueryPtr& query) {
  ::hy_query_filter_package_in(query.get(), HY_PKG, HY_NEQ,
                               installed_set(::hy_query_get_sack(query.get())).get());
}

// What a call that failed said, and no longer its error.
inline std::string message_of(GError*& error) {
  std::string message = error == nullptr ? "it does not say why" : error->message;
  ::g_clear_error(&error);
  return message;
}

// Null is empty.
inline std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace muster::packages_rpm
