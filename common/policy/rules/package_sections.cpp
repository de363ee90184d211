#include "common/policy/rules/package_sections.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace muster::policy {
namespace {

constexpr std::string_view kProbePrefix = "packages-";

std::vector<std::string> package_probes(const HostView& host) {
  std::vector<std::string> probes;
  for (const SectionState& section : host.sections) {
    if (section.entity.empty() && section.probe.starts_with(kProbePrefix)) {
      probes.push_back(section.probe);
    }
  }
  std::sort(probes.begin(), probes.end());
  return probes;
}

}  // namespace

RuleOutput judge_package_managers(const RuleInput& input, const JudgeManager& judge) {
  RuleOutput output;
  struct Manager {
    std::string probe;
    Freshness freshness;
  };
  std::vector<Manager> managers;
  std::vector<Judgement> do_not_apply;
  for (const std::string& probe : package_probes(input.host)) {
    Freshness freshness =
        judge_freshness(input, probe, v1::PackageFacts::descriptor()->full_name());
    output.probes.push_back(probe);
    if (freshness.verdict && freshness.verdict->kind == Judgement::Kind::kNotApplicable) {
      freshness.verdict->holds_until = freshness.holds_until;
      do_not_apply.push_back(*std::move(freshness.verdict));
    } else {
      managers.push_back({probe, std::move(freshness)});
    }
  }
  for (auto& [probe, freshness] : managers) {
    const std::string manager = probe.substr(kProbePrefix.size());
    const std::string prefix = managers.size() > 1 ? manager + "/" : "";
    v1::PackageFacts facts;
    if (!freshness.verdict && !facts.ParseFromString(input.section(probe)->facts)) {
      freshness.verdict = Judgement{.reason = "the facts of the probe " + probe + " are damaged"};
    }
    if (freshness.verdict) {
      freshness.verdict->subject = managers.size() > 1 ? manager : "";
      freshness.verdict->holds_until = freshness.holds_until;
      output.judgements.push_back(*std::move(freshness.verdict));
    } else {
      judge(facts, prefix, freshness.holds_until, output);
    }
  }
  if (managers.empty()) {
    output.judgements = std::move(do_not_apply);
    if (output.judgements.empty()) {
      output.judgements.push_back({.reason = "no probe of a package manager has reported yet"});
    } else {
      // One judgement of the host is enough; it ends when the first of them is too old.
      TimePoint holds_until = TimePoint::max();
      for (const Judgement& judgement : output.judgements) {
        holds_until = std::min(holds_until, judgement.holds_until);
      }
      output.judgements.resize(1);
      output.judgements[0].holds_until = holds_until;
    }
  }
  return output;
}

}  // namespace muster::policy
