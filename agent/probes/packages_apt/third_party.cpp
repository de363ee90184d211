#include "agent/probes/packages_apt/third_party.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "agent/probes/packages_apt/origin_rules.h"
#include "agent/probes/packages_apt/package_report.h"
#include "common/text.h"

namespace muster::packages_apt {
namespace {

// A repository by its name and its host.
using Repository = std::pair<std::string, std::string>;

Repository repository_of(const AptOrigin& origin) {
  return {repository_name(origin), origin.site};
}

bool any_origin(const AptSnapshot& snapshot, const std::vector<size_t>& origins,
                bool (*is_wanted)(const AptOrigin&)) {
  return std::any_of(origins.begin(), origins.end(),
                     [&](size_t index) { return is_wanted(snapshot.origins[index]); });
}

// The offers that tell where the installed version comes from.
std::vector<const OfferedVersion*> offers_of_installed(const AptPackage& package) {
  std::vector<const OfferedVersion*> offers;
  for (const OfferedVersion& offer : package.offers) {
    if (offer.installed) offers.push_back(&offer);
  }
  if (!offers.empty()) return offers;
  for (const OfferedVersion& offer : package.offers)
    offers.push_back(&offer);
  return offers;
}

}  // namespace

bool is_third_party(const AptPackage& package, const AptSnapshot& snapshot,
                    const std::set<std::string>& distribution) {
  for (const OfferedVersion* offer : offers_of_installed(package)) {
    for (const size_t index : offer->origins) {
      if (is_distribution_origin(snapshot.origins[index], distribution)) return false;
    }
  }
  return !package.offers.empty();
}

std::set<std::string> telling_origins(const AptSnapshot& snapshot,
                                      const std::set<std::string>& distribution) {
  std::set<std::string> telling = distribution;
  for (const AptList& list : snapshot.lists) {
    if (is_security_origin(list.origin) && !list.origin.origin.empty()) {
      telling.insert(list.origin.origin);
    }
  }
  return telling;
}

v1::Security security_of(const AptSnapshot& snapshot, const AptPackage& package,
                         const std::set<std::string>& telling) {
  const bool closes_holes =
      std::any_of(package.offers.begin(), package.offers.end(), [&](const OfferedVersion& offer) {
        return offer.pending && any_origin(snapshot, offer.origins, &is_security_origin);
      });
  if (closes_holes) return v1::SECURITY_YES;
  const std::vector<size_t>& candidate = package.update->origins;
  const bool told = std::any_of(candidate.begin(), candidate.end(), [&](size_t index) {
    return is_distribution_origin(snapshot.origins[index], telling);
  });
  return told ? v1::SECURITY_NO : v1::SECURITY_UNSPECIFIED;
}

std::string repository_name(const AptOrigin& origin) {
  for (const std::string* name :
       {&origin.origin, &origin.label, &origin.suite, &origin.codename, &origin.site}) {
    if (!name->empty()) return printable(*name, kLongestName);
  }
  return "without a name";
}

void fill_repositories(const AptSnapshot& snapshot, const std::set<std::string>& distribution,
                       v1::PackageFacts& facts) {
  const std::set<std::string> telling = telling_origins(snapshot, distribution);
  std::map<Repository, uint32_t> third_parties;
  std::set<std::string> silent;
  for (const AptList& list : snapshot.lists) {
    if (!is_distribution_origin(list.origin, distribution)) {
      third_parties.try_emplace(repository_of(list.origin), 0);
    }
    if (!is_distribution_origin(list.origin, telling) && !is_security_origin(list.origin)) {
      silent.insert(repository_name(list.origin));
    }
  }
  for (const AptPackage& package : snapshot.packages) {
    if (!is_third_party(package, snapshot, distribution)) continue;
    std::set<Repository> from;
    for (const OfferedVersion* offer : offers_of_installed(package)) {
      for (const size_t index : offer->origins)
        from.insert(repository_of(snapshot.origins[index]));
    }
    for (const Repository& repository : from)
      ++third_parties[repository];
  }
  for (const auto& [repository, packages] : third_parties) {
    if (facts.third_party_repositories_size() == kMostRepositoriesListed) {
      facts.add_problems(fmt::format("only {} of {} third-party repositories are listed",
                                     kMostRepositoriesListed, third_parties.size()));
      break;
    }
    v1::ThirdPartyRepository& added = *facts.add_third_party_repositories();
    added.set_name(repository.first);
    added.set_site(printable(repository.second, kLongestName));
    added.set_packages(packages);
  }
  for (const std::string& name : silent) {
    if (facts.repositories_without_errata_size() == kMostRepositoriesListed) break;
    facts.add_repositories_without_errata(name);
  }
}

}  // namespace muster::packages_apt
