// apply_locks: what dnf's plugin versionlock does to a sack, in its order.

#include <array>
#include <libdnf/nevra.hpp>

#include "agent/probes/packages_rpm/package_sack.h"

namespace muster::packages_rpm {
namespace {

constexpr std::array kForms = {HY_FORM_NEVRA, HY_FORM_NEVR, HY_FORM_NEV, HY_FORM_NA, HY_FORM_NAME};

QueryPtr nothing(DnfSack* sack) {
  QueryPtr query = query_of(sack);
  ::hy_query_filter_empty(query.get());
  return query;
}

QueryPtr named(DnfSack* sack, const std::set<std::string>& names) {
  std::vector<const char*> globs;
  for (const std::string& name : names)
    globs.push_back(name.c_str());
  globs.push_back(nullptr);
  QueryPtr query = query_of(sack);
  ::hy_query_filter_in(query.get(), HY_PKG_NAME, HY_GLOB, globs.data());
  return query;
}

// Adds what the pattern names to `found`, and the name in each form that was tried to `names`: the
// first form that names a package counts.
void resolve(const PackageLock& lock, DnfSack* sack, const QueryPtr& found,
             std::set<std::string>& names) {
  if (lock.as_installed) {
    names.insert(lock.pattern);
    const QueryPtr installed = named(sack, {lock.pattern});
    keep_installed(installed);
    ::hy_query_union(found.get(), installed.get());
    return;
  }
  for (const HyForm form : kForms) {
    libdnf::Nevra nevra;
    if (!nevra.parse(lock.pattern.c_str(), form)) continue;
    names.insert(nevra.getName());
    const QueryPtr query(::hy_query_from_nevra(&nevra, sack, false));
    ::hy_query_union(found.get(), query.get());
    if (!::hy_query_is_empty(query.get())) return;
  }
}

}  // namespace

std::set<std::string> apply_locks(const PackageSack& loaded,
                                  const std::vector<PackageLock>& locks) {
  DnfSack* sack = loaded.sack.get();
  const QueryPtr left_out = nothing(sack);
  const QueryPtr locked = nothing(sack);
  std::set<std::string> names;
  std::set<std::string> ignored;
  for (const PackageLock& lock : locks) {
    resolve(lock, sack, lock.excludes_it ? left_out : locked, lock.excludes_it ? ignored : names);
  }
  std::set<std::string> held;
  if (!names.empty()) {
    const QueryPtr other_versions = named(sack, names);
    ::hy_query_difference(other_versions.get(), locked.get());
    ::hy_query_union(left_out.get(), other_versions.get());
    const QueryPtr obsoleting = query_of(sack);
    ::hy_query_filter_package_in(obsoleting.get(), HY_PKG_OBSOLETES, HY_EQ, set_of(locked).get());
    ::hy_query_difference(obsoleting.get(), locked.get());
    ::hy_query_union(left_out.get(), obsoleting.get());

    const QueryPtr installed = named(sack, names);
    keep_installed(installed);
    const ArrayPtr packages(::hy_query_run(installed.get()));
    for (guint i = 0; i < packages->len; ++i) {
      held.insert(::dnf_package_get_name(static_cast<DnfPackage*>(packages->pdata[i])));
    }
  }
  keep_available(left_out);
  ::dnf_sack_add_excludes(sack, set_of(left_out).get());
  return held;
}

}  // namespace muster::packages_rpm
