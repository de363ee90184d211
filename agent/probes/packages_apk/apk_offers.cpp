#include "agent/probes/packages_apk/apk_offers.h"

#include "agent/probes/packages_apk/apk_version.h"

namespace muster::packages_apk {
namespace {

constexpr std::string_view kBaseLayout = "-baselayout";
constexpr std::string_view kEveryArchitecture = "noarch";

bool may_come_from(const ApkRepository& repository, const ApkPackage& installed, const Wish* wish) {
  if (repository.tag.empty() || repository.tag == installed.tag) return true;
  return wish != nullptr && wish->tags.contains(repository.tag);
}

}  // namespace

bool Offers::is_base_layout(std::string_view name) {
  return name.ends_with(kBaseLayout);
}

Offers::Offers(const ApkSnapshot& snapshot) : snapshot_(snapshot) {
  for (size_t i = 0; i < snapshot.repositories.size(); ++i) {
    const IndexedRepository& repository = snapshot.repositories[i];
    for (const ApkPackage& package : repository.packages) {
      const bool fits = snapshot.architecture.empty() || package.architecture.empty() ||
                        package.architecture == kEveryArchitecture ||
                        package.architecture == snapshot.architecture;
      if (!fits) continue;
      by_name_[package.name].push_back({&package, i});
      if (is_base_layout(package.name)) {
        distribution_.insert(parent_of(repository.repository));
      }
    }
  }
}

std::span<const Offer> Offers::of(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return {};
  return found->second;
}

Candidate Offers::candidate_for(const ApkPackage& installed) const {
  const auto wished = snapshot_.world.find(installed.name);
  const Wish* wish = wished == snapshot_.world.end() ? nullptr : &wished->second;
  Candidate candidate;
  for (const Offer& offer : of(installed.name)) {
    const std::string& version = offer.package->version;
    if (!may_come_from(snapshot_.repositories[offer.repository].repository, installed, wish)) {
      continue;
    }
    if (compare_versions(version, installed.version) <= 0) continue;
    const bool is_held_back = wish != nullptr && !allows(*wish, version);
    if (candidate.package != nullptr) {
      if (is_held_back && !candidate.is_held_back) continue;
      const int order = compare_versions(version, candidate.package->version);
      const bool is_first_let_in = candidate.is_held_back && !is_held_back;
      if (!is_first_let_in && order < 0) continue;
      if (!is_first_let_in && order == 0) {
        candidate.repositories.push_back(offer.repository);
        continue;
      }
    }
    candidate = {offer.package, {offer.repository}, is_held_back};
  }
  return candidate;
}

bool Offers::is_distribution(size_t repository) const {
  return distribution_.contains(parent_of(snapshot_.repositories[repository].repository));
}

std::set<size_t> Offers::sources_of(const ApkPackage& installed) const {
  std::set<size_t> same;
  std::set<size_t> any;
  for (const Offer& offer : of(installed.name)) {
    any.insert(offer.repository);
    if (compare_versions(offer.package->version, installed.version) == 0) {
      same.insert(offer.repository);
    }
  }
  return same.empty() ? any : same;
}

}  // namespace muster::packages_apk
