#include "common/policy/rules/package_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace muster::policy {
namespace {

std::vector<std::string> package_probes(const HostView& host) {
  std::vector<std::string> probes;
  for (const SectionState& section : host.sections) {
    if (section.entity.empty() && section.probe.starts_with(kPackageProbes)) {
      probes.push_back(section.probe);
    }
  }
  std::sort(probes.begin(), probes.end());
  return probes;
}

// Of a system without any of them, not what the first misses.
void collapse_where_none_applies(RuleOutput& output) {
  std::vector<Judgement>& judgements = output.judgements;
  const bool none_applies = std::all_of(
      judgements.begin(), judgements.end(),
      [](const Judgement& judgement) { return judgement.kind == Judgement::Kind::kNotApplicable; });
  if (judgements.size() < 2 || !none_applies) return;
  std::vector<std::string> managers;
  Judgement one{.kind = Judgement::Kind::kNotApplicable};
  for (const Judgement& judgement : judgements) {
    managers.push_back(judgement.subject);
    one.holds_until = std::min(one.holds_until, judgement.holds_until);
  }
  one.reason = fmt::format("this system uses none of {}", fmt::join(managers, ", "));
  judgements.clear();
  judgements.push_back(std::move(one));
}

}  // namespace

RuleOutput judge_package_managers(const RuleInput& input, const JudgeManager& judge) {
  RuleOutput output;
  output.probes = package_probes(input.host);
  for (const std::string& probe : output.probes) {
    const std::string manager = probe.substr(kPackageProbes.size());
    Freshness freshness =
        judge_freshness(input, probe, v1::PackageFacts::descriptor()->full_name());
    if (!freshness.verdict) {
      const auto* const facts = input.facts.get<PackageFactsView>(*input.section(probe));
      if (facts != nullptr) {
        judge(*facts, manager, freshness.holds_until, output);
        continue;
      }
      freshness.verdict = Judgement{.reason = "the facts of the probe " + probe + " are damaged"};
    }
    Judgement judgement = *std::move(freshness.verdict);
    if (judgement.kind == Judgement::Kind::kNotApplicable) judgement.subject = manager;
    judgement.holds_until = freshness.holds_until;
    output.judgements.push_back(std::move(judgement));
  }
  collapse_where_none_applies(output);
  if (output.probes.empty()) {
    output.judgements.push_back({.reason = "no probe of a package manager has reported yet"});
  }
  return output;
}

}  // namespace muster::policy
