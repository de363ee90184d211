#include "agent/probes/packages_apt/package_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "agent/probes/packages_apt/origin_rules.h"
#include "agent/probes/packages_apt/third_party.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::packages_apt {
namespace {

// Everything in a repository or a status file is someone else's text.
std::string name_text(const std::string& text) {
  return printable(text, kLongestName);
}

void fill_origins(const AptSnapshot& snapshot, const AptUpdate& update, v1::PendingUpdate& out) {
  // A repository is several files (main, contrib, architectures) with one Release file.
  std::set<AptOrigin> distinct;
  for (const size_t index : update.origins)
    distinct.insert(snapshot.origins[index]);
  for (const AptOrigin& origin : distinct) {
    if (out.origins_size() == kMostOriginsOfUpdate) break;
    v1::PackageOrigin& added = *out.add_origins();
    added.set_origin(name_text(origin.origin));
    added.set_label(name_text(origin.label));
    added.set_suite(name_text(origin.suite));
    added.set_codename(name_text(origin.codename));
    added.set_site(name_text(origin.site));
    added.set_security(is_security_origin(origin));
  }
}

v1::PendingUpdate pending_update(const AptSnapshot& snapshot, const AptPackage& package,
                                 v1::Security security) {
  const AptUpdate& update = *package.update;
  v1::PendingUpdate out;
  out.set_package(name_text(package.name));
  out.set_architecture(name_text(package.architecture));
  out.set_source_package(name_text(update.source_package));
  out.set_installed_version(name_text(package.installed_version));
  out.set_candidate_version(name_text(update.version));
  fill_origins(snapshot, update, out);
  out.set_security(security);
  const std::string reason = why_not_installed(package, snapshot.upgrade_error);
  out.set_would_install(reason.empty());
  out.set_not_installed_because(reason);
  return out;
}

template <typename Names>
void fill_names(std::vector<std::string> names, std::string_view what, Names& out,
                v1::PackageFacts& facts) {
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (out.size() == kMostNames) {
      facts.add_problems(
          fmt::format("only {} of {} {} packages are listed", kMostNames, names.size(), what));
      return;
    }
    *out.Add() = name_text(name);
  }
}

void fill_updates(const AptSnapshot& snapshot, const std::set<std::string>& telling,
                  v1::PackageFacts& facts) {
  using Waiting = std::pair<const AptPackage*, v1::Security>;
  std::vector<Waiting> pending;
  for (const AptPackage& package : snapshot.packages) {
    if (package.update) pending.emplace_back(&package, security_of(snapshot, package, telling));
  }
  const auto in_order = [](const Waiting& a, const Waiting& b) {
    return std::tie(a.first->name, a.first->architecture) <
           std::tie(b.first->name, b.first->architecture);
  };
  // Security first, so that a bound crossed never hides one; then the order of the contract.
  std::sort(pending.begin(), pending.end(), in_order);
  std::stable_partition(pending.begin(), pending.end(),
                        [](const Waiting& waiting) { return waiting.second == v1::SECURITY_YES; });
  if (pending.size() > kMostUpdates) {
    facts.add_problems(
        fmt::format("only {} of {} pending updates are listed", kMostUpdates, pending.size()));
    pending.resize(kMostUpdates);
  }
  std::sort(pending.begin(), pending.end(), in_order);
  for (const auto& [package, security] : pending) {
    *facts.add_pending_updates() = pending_update(snapshot, *package, security);
  }
}

void fill_counts(const AptSnapshot& snapshot, const std::set<std::string>& distribution,
                 v1::PackageFacts& facts) {
  std::vector<std::string> held;
  std::vector<std::string> broken;
  uint32_t obsolete = 0;
  uint32_t third_party = 0;
  for (const AptPackage& package : snapshot.packages) {
    if (package.held) held.push_back(package.display_name);
    if (!package.fully_installed) broken.push_back(package.display_name);
    if (package.offers.empty()) ++obsolete;
    if (is_third_party(package, snapshot, distribution)) ++third_party;
  }
  facts.set_installed(static_cast<uint32_t>(snapshot.packages.size()));
  facts.set_obsolete(obsolete);
  facts.set_third_party(third_party);
  fill_names(std::move(held), "held", *facts.mutable_held(), facts);
  fill_names(std::move(broken), "broken", *facts.mutable_broken(), facts);
}

void fill_problems(const AptSnapshot& snapshot, v1::PackageFacts& facts) {
  for (const std::string& problem : snapshot.problems) {
    if (facts.problems_size() >= kMostProblems) {
      facts.add_problems(fmt::format("and more: {} problems in all", snapshot.problems.size()));
      return;
    }
    facts.add_problems(printable(problem, 512));
  }
}

}  // namespace

std::string why_not_installed(const AptPackage& package, const std::string& upgrade_error) {
  const AptUpdate& update = *package.update;
  if (upgrade_error.empty() && update.action == PlannedAction::kInstall) return {};
  if (package.held) return "held";
  if (!upgrade_error.empty()) {
    return printable(fmt::format("apt-get dist-upgrade would stop: {}", upgrade_error), 256);
  }
  if (update.action == PlannedAction::kRemove) return "the upgrade would remove the package";
  if (!update.unmet_dependency.empty()) {
    return printable(
        fmt::format("kept back: it needs {}, which is not available", update.unmet_dependency),
        256);
  }
  if (update.phased_percentage < 100) return fmt::format("phased ({} %)", update.phased_percentage);
  return "kept back";
}

v1::PackageFacts report(const AptSnapshot& snapshot, const ListsAge& lists_age) {
  v1::PackageFacts facts;
  facts.set_manager("apt");
  const std::set<std::string> distribution = distribution_origins(snapshot);
  fill_updates(snapshot, telling_origins(snapshot, distribution), facts);
  fill_counts(snapshot, distribution, facts);
  fill_repositories(snapshot, distribution, facts);
  facts.set_lists_present(snapshot.lists_present);
  if (lists_age.updated_at) {
    *facts.mutable_lists_updated_at() = *lists_age.updated_at;
    facts.set_lists_updated_source(lists_age.source);
  }
  fill_problems(snapshot, facts);
  return facts;
}

}  // namespace muster::packages_apt
