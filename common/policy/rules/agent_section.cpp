#include "common/policy/rules/agent_section.h"

#include <utility>

#include "common/policy/rules/every_rule.h"

namespace muster::policy {

AgentSection read_agent_section(const RuleInput& input, RuleOutput& output) {
  output.probes = {std::string(kAgentProbe)};
  const SectionState* const section = input.section(kAgentProbe);
  // As in `muster-agent check`. Of a host that never reported, host_reporting says so.
  if (section == nullptr) {
    output.judgements.push_back(
        {.kind = Judgement::Kind::kNotApplicable, .reason = "no agent has told about itself here"});
    return {};
  }
  Freshness freshness = judge_freshness(input, kAgentProbe, "muster.v1.AgentFacts");
  if (freshness.verdict) {
    freshness.verdict->holds_until = freshness.holds_until;
    output.judgements.push_back(*std::move(freshness.verdict));
    return {};
  }
  const auto* const facts = input.facts.get<v1::AgentFacts>(*section);
  if (facts == nullptr) {
    output.judgements.push_back({.kind = Judgement::Kind::kUnknown,
                                 .reason = "the facts of the agent cannot be read",
                                 .holds_until = freshness.holds_until});
  }
  return {.facts = facts, .holds_until = freshness.holds_until};
}

}  // namespace muster::policy
