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

// A system without any of them has another one, or none: what waits there nobody knows.
void say_that_none_applies(RuleOutput& output) {
  std::vector<std::string> managers;
  Judgement one;
  for (const Judgement& judgement : output.judgements) {
    managers.push_back(judgement.subject);
    one.holds_until = std::min(one.holds_until, judgement.holds_until);
  }
  one.reason = fmt::format("which package manager it uses is not known: it is none of {}",
                           fmt::join(managers, ", "));
  output.judgements = {std::move(one)};
}

}  // namespace

RuleOutput judge_package_managers(const RuleInput& input, const JudgeManager& judge) {
  RuleOutput output;
  output.probes = package_probes(input.host);
  size_t absent = 0;
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
    if (judgement.kind == Judgement::Kind::kNotApplicable) {
      judgement.subject = manager;
      ++absent;
    }
    judgement.holds_until = freshness.holds_until;
    output.judgements.push_back(std::move(judgement));
  }
  if (output.probes.empty()) {
    output.judgements.push_back({.reason = "no probe of a package manager has reported yet"});
  } else if (absent == output.probes.size()) {
    say_that_none_applies(output);
  }
  return output;
}

}  // namespace muster::policy
