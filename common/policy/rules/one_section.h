// The section of one probe, judged as far as it can be without looking into its facts. Pure; any
// thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules.h"

namespace muster::policy {

template <typename Facts>
struct OneSection {
  // Null where the output says already all there is to say: there are none, they are too old, or
  // they cannot be read.
  const Facts* facts = nullptr;
  // Until when they are fresh.
  TimePoint holds_until = TimePoint::max();
};

// Names the probe in the output, and adds the judgement where there are no facts to judge.
template <typename Facts>
OneSection<Facts> read_one_section(const RuleInput& input, std::string_view probe,
                                   RuleOutput& output) {
  output.probes.emplace_back(probe);
  Freshness freshness = judge_freshness(input, probe, Facts::descriptor()->full_name());
  OneSection<Facts> section{.holds_until = freshness.holds_until};
  if (!freshness.verdict) {
    section.facts = input.facts.get<Facts>(*input.section(probe));
    if (section.facts != nullptr) return section;
    freshness.verdict =
        Judgement{.reason = fmt::format("the facts of the probe {} are damaged", probe)};
  }
  freshness.verdict->holds_until = freshness.holds_until;
  output.judgements.push_back(*std::move(freshness.verdict));
  return section;
}

}  // namespace muster::policy
