#include "common/policy/rules/package_sections.h"

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
  if (output.probes.empty()) {
    output.judgements.push_back({.reason = "no probe of a package manager has reported yet"});
  }
  return output;
}

}  // namespace muster::policy
