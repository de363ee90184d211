#include "agent/probes/packages_apk/apk_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "agent/probes/packages_apk/apk_offers.h"
#include "agent/probes/packages_apk/apk_version.h"
#include "common/text.h"

namespace muster::packages_apk {
namespace {

constexpr std::string_view kKeys = "/etc/apk/keys";

// Everything in an index or a database is someone else's text.
std::string name_text(std::string_view text) {
  return printable(text, kLongestName);
}

// "v3.20/main": what tells a repository apart from the others of its mirror.
std::string suite_of(const ApkRepository& repository) {
  const std::string name = shown_name(repository);
  const size_t last = name.rfind('/');
  if (last == std::string::npos || last == 0) return name;
  const size_t before = name.rfind('/', last - 1);
  return before == std::string::npos ? name.substr(last + 1) : name.substr(before + 1);
}

v1::PendingUpdate pending_update(const ApkSnapshot& snapshot, const ApkPackage& installed,
                                 const Candidate& candidate) {
  v1::PendingUpdate out;
  out.set_package(name_text(installed.name));
  out.set_architecture(name_text(installed.architecture));
  out.set_source_package(name_text(candidate.package->origin));
  out.set_installed_version(name_text(installed.version));
  out.set_candidate_version(name_text(candidate.package->version));
  for (const size_t index : candidate.repositories) {
    if (out.origins_size() == kMostOriginsOfUpdate) break;
    const IndexedRepository& repository = snapshot.repositories[index];
    v1::PackageOrigin& origin = *out.add_origins();
    origin.set_label(name_text(repository.description));
    origin.set_suite(name_text(suite_of(repository.repository)));
    origin.set_site(name_text(site_of(repository.repository)));
  }
  // Alpine's indices do not tell which version closes security holes.
  out.set_security(v1::SECURITY_UNSPECIFIED);
  out.set_would_install(!candidate.is_held_back);
  if (candidate.is_held_back) {
    out.set_not_installed_because(fmt::format("held: /etc/apk/world has {}",
                                              name_text(snapshot.world.at(installed.name).text)));
  }
  return out;
}

void fill_updates(const ApkSnapshot& snapshot, const Offers& offers, v1::PackageFacts& facts) {
  std::vector<v1::PendingUpdate> updates;
  for (const ApkPackage& package : snapshot.installed) {
    const Candidate candidate = offers.candidate_for(package);
    if (candidate.package == nullptr) continue;
    updates.push_back(pending_update(snapshot, package, candidate));
  }
  std::sort(updates.begin(), updates.end(), [](const auto& a, const auto& b) {
    return std::tie(a.package(), a.architecture()) < std::tie(b.package(), b.architecture());
  });
  if (updates.size() > kMostUpdates) {
    facts.add_problems(
        fmt::format("only {} of {} pending updates are listed", kMostUpdates, updates.size()));
    updates.resize(kMostUpdates);
  }
  facts.mutable_pending_updates()->Assign(updates.begin(), updates.end());
}

template <typename Names>
void fill_names(std::vector<std::string> names, std::string_view what, int most, Names& out,
                v1::PackageFacts& facts) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    if (out.size() == most) {
      facts.add_problems(fmt::format("only {} of {} {} are listed", most, names.size(), what));
      return;
    }
    *out.Add() = name_text(name);
  }
}

void fill_installed(const ApkSnapshot& snapshot, const Offers& offers, v1::PackageFacts& facts) {
  std::vector<std::string> held;
  std::vector<std::string> broken;
  uint32_t obsolete = 0;
  for (const ApkPackage& package : snapshot.installed) {
    const auto wish = snapshot.world.find(package.name);
    if (wish != snapshot.world.end() && is_held(wish->second)) held.push_back(package.name);
    if (package.broken) broken.push_back(package.name);
    // "apk add --virtual .build" makes one on this system; no repository ever offers it.
    if (package.name.front() != '.' && offers.of(package.name).empty()) ++obsolete;
  }
  facts.set_installed(static_cast<uint32_t>(snapshot.installed.size()));
  fill_names(std::move(held), "held packages", kMostNames, *facts.mutable_held(), facts);
  fill_names(std::move(broken), "broken packages", kMostNames, *facts.mutable_broken(), facts);
  if (snapshot.is_complete) {
    facts.set_obsolete(obsolete);
  } else if (facts.lists_present()) {
    facts.add_problems("which packages no repository offers is not known without every index");
  }
}

void fill_third_party(const ApkSnapshot& snapshot, const Offers& offers, v1::PackageFacts& facts) {
  if (!offers.knows_distribution()) {
    if (facts.lists_present()) {
      facts.add_problems(
          "which repositories are the distribution's is not known: none that was read offers its "
          "base layout");
    }
    return;
  }
  std::vector<uint32_t> packages(snapshot.repositories.size());
  uint32_t third_party = 0;
  for (const ApkPackage& package : snapshot.installed) {
    const std::set<size_t> sources = offers.sources_of(package);
    const bool is_third_party =
        !sources.empty() && std::none_of(sources.begin(), sources.end(), [&](size_t index) {
          return offers.is_distribution(index);
        });
    if (!is_third_party) continue;
    ++third_party;
    for (const size_t index : sources)
      ++packages[index];
  }
  facts.set_third_party(third_party);
  std::vector<v1::ThirdPartyRepository> found;
  for (size_t i = 0; i < snapshot.repositories.size(); ++i) {
    if (offers.is_distribution(i)) continue;
    v1::ThirdPartyRepository& repository = found.emplace_back();
    repository.set_name(name_text(shown_name(snapshot.repositories[i].repository)));
    repository.set_site(name_text(site_of(snapshot.repositories[i].repository)));
    repository.set_packages(packages[i]);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  found.resize(std::min(found.size(), size_t{kMostThirdParty}));
  facts.mutable_third_party_repositories()->Assign(found.begin(), found.end());
}

void fill_kernels(const ApkSnapshot& snapshot, v1::PackageFacts& facts) {
  std::vector<const ApkPackage*> kernels;
  for (const ApkPackage& package : snapshot.installed) {
    if (!package.kernel_flavour.empty()) kernels.push_back(&package);
  }
  std::sort(kernels.begin(), kernels.end(), [](const ApkPackage* a, const ApkPackage* b) {
    if (a->kernel_flavour != b->kernel_flavour) return a->kernel_flavour < b->kernel_flavour;
    return compare_versions(a->version, b->version) > 0;
  });
  if (kernels.size() > kMostKernels) {
    facts.add_problems(
        fmt::format("only {} of {} kernels are listed", kMostKernels, kernels.size()));
    kernels.resize(kMostKernels);
  }
  for (const ApkPackage* kernel : kernels) {
    v1::InstalledKernel& out = *facts.add_kernels();
    out.set_package(name_text(kernel->name));
    out.set_version(name_text(kernel->version));
    out.set_release(name_text(kernel->kernel_release));
    out.set_flavour(name_text(kernel->kernel_flavour));
  }
}

// "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub" has the id 6165EE59.
std::string key_id(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view id = name.substr(dash + 1, name.find('.', dash) - dash - 1);
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {};
  std::string upper(id);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return upper;
}

void fill_repositories(const ApkSnapshot& snapshot, v1::PackageFacts& facts) {
  std::vector<std::string> names;
  std::vector<v1::RepositoryKey> keys;
  for (const IndexedRepository& each : snapshot.repositories) {
    names.push_back(shown_name(each.repository));
    v1::RepositoryKey& key = keys.emplace_back();
    key.set_repository(name_text(names.back()));
    if (each.key.empty()) {
      key.set_state(v1::REPOSITORY_KEY_STATE_UNSIGNED);
      continue;
    }
    key.set_state(each.has_key ? v1::REPOSITORY_KEY_STATE_VALID : v1::REPOSITORY_KEY_STATE_MISSING);
    key.set_fingerprint(name_text(key_id(each.key)));
    key.set_user_id(name_text(each.key));
    key.add_keyrings(std::string(kKeys));
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    return std::tie(a.repository(), a.fingerprint()) < std::tie(b.repository(), b.fingerprint());
  });
  facts.mutable_repository_keys()->Assign(keys.begin(), keys.end());
  fill_names(std::move(names), "repositories", kMostThirdParty,
             *facts.mutable_repositories_without_errata(), facts);
}

// The oldest: one that is not refreshed hides its updates. A directory of this system is not
// fetched, and has no age.
void fill_age(const ApkSnapshot& snapshot, v1::PackageFacts& facts) {
  for (const IndexedRepository& each : snapshot.repositories) {
    if (!each.updated_at || !local_directory(each.repository).empty()) continue;
    // 1970 is the time that an image builder sets, and tells nothing.
    if (each.updated_at->seconds() <= 0) continue;
    if (facts.has_lists_updated_at() &&
        facts.lists_updated_at().seconds() <= each.updated_at->seconds()) {
      continue;
    }
    *facts.mutable_lists_updated_at() = *each.updated_at;
    facts.set_lists_updated_source("APKINDEX");
  }
}

void fill_automatic_updates(const ApkSnapshot& snapshot, v1::PackageFacts& facts) {
  v1::AutomaticUpdateState& state = *facts.mutable_automatic_updates();
  const bool has_autoupdate =
      std::any_of(snapshot.installed.begin(), snapshot.installed.end(),
                  [](const ApkPackage& package) { return package.name == "apk-autoupdate"; });
  if (!snapshot.upgrade_job.empty()) {
    state.set_mechanism("apk-cron");
    state.set_state(v1::AUTOMATIC_UPDATES_ON);
    state.set_reason(printable(fmt::format("{} runs apk upgrade", snapshot.upgrade_job), 256));
    state.set_takes_security(true);
  } else if (has_autoupdate) {
    state.set_mechanism("apk-autoupdate");
    state.set_reason("apk-autoupdate is installed; what it is set to is not looked at");
  } else {
    state.set_mechanism("apk-cron");
    state.set_state(v1::AUTOMATIC_UPDATES_OFF);
    state.set_reason(
        "apk has none of its own; there is no /etc/periodic/*/apk that upgrades, and no "
        "apk-autoupdate");
  }
}

}  // namespace

v1::PackageFacts report(const ApkSnapshot& snapshot) {
  const Offers offers(snapshot);
  v1::PackageFacts facts;
  facts.set_manager("apk");
  facts.set_lists_present(!snapshot.repositories.empty());
  for (const std::string& problem : snapshot.problems) {
    if (facts.problems_size() >= kMostProblems) {
      facts.add_problems(fmt::format("and more: {} problems in all", snapshot.problems.size()));
      break;
    }
    facts.add_problems(printable(problem, 512));
  }
  fill_updates(snapshot, offers, facts);
  fill_installed(snapshot, offers, facts);
  fill_third_party(snapshot, offers, facts);
  fill_kernels(snapshot, facts);
  fill_repositories(snapshot, facts);
  fill_age(snapshot, facts);
  fill_automatic_updates(snapshot, facts);
  return facts;
}

}  // namespace muster::packages_apk
