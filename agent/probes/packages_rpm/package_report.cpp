#include "agent/probes/packages_rpm/package_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "agent/probes/packages_rpm/vendor_rules.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

std::string name_text(const std::string& text) {
  return printable(text, kLongestName);
}

bool is_security(const v1::Advisory& advisory) {
  return advisory.kind() == v1::ADVISORY_KIND_SECURITY;
}

v1::Security security_of(const RpmUpdate& update) {
  const auto& all = update.advisories;
  if (std::any_of(all.begin(), all.end(), is_security)) return v1::SECURITY_YES;
  return update.errata_known ? v1::SECURITY_NO : v1::SECURITY_UNSPECIFIED;
}

std::string why_not_installed(const RpmUpdate& update, const std::string& upgrade_error) {
  if (!update.locked_by.empty()) return update.locked_by;
  if (!upgrade_error.empty()) {
    return printable(fmt::format("the upgrade would stop: {}", upgrade_error), 256);
  }
  return update.planned ? std::string() : "kept back: what it needs or replaces does not allow it";
}

v1::PendingUpdate pending_update(const RpmSnapshot& snapshot, const RpmPackage& package) {
  const RpmUpdate& update = *package.update;
  v1::PendingUpdate out;
  out.set_package(name_text(package.name));
  out.set_architecture(name_text(package.architecture));
  out.set_source_package(name_text(update.source_package));
  out.set_installed_version(name_text(package.version));
  out.set_candidate_version(name_text(update.version));
  out.set_security(security_of(update));
  for (const size_t index : update.repositories) {
    v1::PackageOrigin& origin = *out.add_origins();
    origin.set_origin(name_text(snapshot.repositories[index].id));
    origin.set_site(snapshot.repositories[index].site);
    origin.set_security(out.security() == v1::SECURITY_YES);
  }
  const std::string reason = why_not_installed(update, snapshot.upgrade_error);
  out.set_would_install(reason.empty());
  out.set_not_installed_because(reason);
  for (const v1::Advisory& advisory : update.advisories) {
    if (is_security(advisory)) out.set_severity(std::max(out.severity(), advisory.severity()));
    *out.add_advisories() = advisory;
  }
  return out;
}

size_t advisory_bytes(const v1::PendingUpdate& update) {
  size_t bytes = 0;
  for (const v1::Advisory& advisory : update.advisories())
    bytes += advisory.ByteSizeLong();
  return bytes;
}

// Takes away what is beyond the bound: severity and security are told without it too.
void bound_advisories(v1::PackageFacts& facts) {
  size_t bytes = 0;
  for (const v1::PendingUpdate& update : facts.pending_updates())
    bytes += advisory_bytes(update);
  size_t without = 0;
  for (v1::PendingUpdate& update : *facts.mutable_pending_updates()) {
    if (bytes <= kMostAdvisoryBytes) break;
    bytes -= advisory_bytes(update);
    update.clear_advisories();
    ++without;
  }
  if (without > 0) {
    facts.add_problems(
        fmt::format("the advisories of {} updates are not listed: they are too many", without));
  }
}

void fill_updates(const RpmSnapshot& snapshot, v1::PackageFacts& facts) {
  std::vector<const RpmPackage*> pending;
  for (const RpmPackage& package : snapshot.packages) {
    if (package.update) pending.push_back(&package);
  }
  const auto in_order = [](const RpmPackage* a, const RpmPackage* b) {
    return std::tie(a->name, a->architecture) < std::tie(b->name, b->architecture);
  };
  // Security first, so that a bound crossed never hides one; then the order of the contract.
  std::sort(pending.begin(), pending.end(), in_order);
  std::stable_partition(pending.begin(), pending.end(), [](const RpmPackage* package) {
    return security_of(*package->update) == v1::SECURITY_YES;
  });
  if (pending.size() > kMostUpdates) {
    facts.add_problems(
        fmt::format("only {} of {} pending updates are listed", kMostUpdates, pending.size()));
    pending.resize(kMostUpdates);
  }
  std::sort(pending.begin(), pending.end(), in_order);
  for (const RpmPackage* package : pending)
    *facts.add_pending_updates() = pending_update(snapshot, *package);
  bound_advisories(facts);
}

bool any_is_distribution(const std::set<size_t>& repositories, const RpmSnapshot& snapshot) {
  return std::any_of(repositories.begin(), repositories.end(), [&](size_t index) {
    return is_distribution(snapshot.repositories[index], snapshot);
  });
}

// Who offers the installed version tells; where nobody does any more, who offers another.
const std::set<size_t>& offering(const RpmPackage& package) {
  return package.offered_installed.empty() ? package.offered_any : package.offered_installed;
}

void fill_third_parties(const RpmSnapshot& snapshot, v1::PackageFacts& facts) {
  std::map<size_t, uint32_t> packages_of;
  uint32_t third_party = 0;
  for (const RpmPackage& package : snapshot.packages) {
    const std::set<size_t>& repositories = offering(package);
    if (repositories.empty() || any_is_distribution(repositories, snapshot)) continue;
    ++third_party;
    for (const size_t index : repositories)
      ++packages_of[index];
  }
  // Without a package that says which distribution this is, nobody is a third party.
  if (snapshot.distribution_vendor.empty()) return;
  facts.set_third_party(third_party);
  std::map<std::string, size_t> by_name;
  for (size_t i = 0; i < snapshot.repositories.size(); ++i) {
    const RpmRepository& repository = snapshot.repositories[i];
    if (repository.loaded && !is_distribution(repository, snapshot)) by_name[repository.id] = i;
  }
  for (const auto& [name, index] : by_name) {
    if (facts.third_party_repositories_size() == kMostRepositoriesListed) break;
    v1::ThirdPartyRepository& out = *facts.add_third_party_repositories();
    out.set_name(name_text(name));
    out.set_site(snapshot.repositories[index].site);
    out.set_packages(packages_of[index]);
  }
}

template <typename Names>
void fill_names(const std::set<std::string>& names, int most, std::string_view what, Names& out,
                v1::PackageFacts& facts) {
  for (const std::string& name : names) {
    if (out.size() == most) {
      facts.add_problems(fmt::format("only {} of {} {} are listed", most, names.size(), what));
      return;
    }
    *out.Add() = name_text(name);
  }
}

bool is_earlier(const google::protobuf::Timestamp& left, const google::protobuf::Timestamp& right) {
  return std::pair(left.seconds(), left.nanos()) < std::pair(right.seconds(), right.nanos());
}

// The oldest counts: what one repository did not get is missing. One that is asked seldom counts
// only where all are.
void fill_age(const RpmSnapshot& snapshot, v1::PackageFacts& facts) {
  const RpmRepository* oldest = nullptr;
  for (const RpmRepository& repository : snapshot.repositories) {
    if (!repository.loaded) continue;
    facts.set_lists_present(true);
    if (!repository.updated_at) continue;
    const bool earlier = oldest == nullptr ||
                         (oldest->seldom_refreshed && !repository.seldom_refreshed) ||
                         (oldest->seldom_refreshed == repository.seldom_refreshed &&
                          is_earlier(*repository.updated_at, *oldest->updated_at));
    if (earlier) oldest = &repository;
  }
  if (oldest == nullptr) return;
  *facts.mutable_lists_updated_at() = *oldest->updated_at;
  facts.set_lists_updated_source(name_text("repository " + oldest->id));
}

void fill_problems(const RpmSnapshot& snapshot, v1::PackageFacts& facts) {
  for (const std::string& problem : snapshot.problems) {
    if (facts.problems_size() >= kMostProblems) {
      facts.add_problems(fmt::format("and more: {} problems in all", snapshot.problems.size()));
      return;
    }
    facts.add_problems(printable(problem, 512));
  }
}

}  // namespace

bool is_distribution(const RpmRepository& repository, const RpmSnapshot& snapshot) {
  const std::string distribution = vendor_class(snapshot.distribution_vendor);
  return std::any_of(
      repository.vendors.begin(), repository.vendors.end(),
      [&](const std::string& vendor) { return vendor_class(vendor) == distribution; });
}

v1::PackageFacts report(const RpmSnapshot& snapshot) {
  v1::PackageFacts facts;
  facts.set_manager("rpm");
  facts.set_installed(static_cast<uint32_t>(snapshot.packages.size()));
  facts.set_obsolete(snapshot.obsolete);
  fill_updates(snapshot, facts);
  fill_names(snapshot.held, kMostNames, "held packages", *facts.mutable_held(), facts);
  fill_names(snapshot.excluded, kMostExcluded, "packages whose updates are left out",
             *facts.mutable_excluded(), facts);
  fill_third_parties(snapshot, facts);
  fill_age(snapshot, facts);
  std::set<std::string> without_errata;
  for (const RpmRepository& repository : snapshot.repositories) {
    if (repository.loaded && !repository.has_errata) without_errata.insert(repository.id);
  }
  fill_names(without_errata, kMostRepositoriesListed, "repositories without errata",
             *facts.mutable_repositories_without_errata(), facts);
  for (const v1::InstalledKernel& kernel : snapshot.kernels)
    *facts.add_kernels() = kernel;
  for (const v1::RepositoryKey& key : snapshot.keys) {
    if (facts.repository_keys_size() < kMostKeysListed) *facts.add_repository_keys() = key;
  }
  if (snapshot.automatic_updates) {
    *facts.mutable_automatic_updates() = *snapshot.automatic_updates;
  }
  fill_problems(snapshot, facts);
  return facts;
}

}  // namespace muster::packages_rpm
