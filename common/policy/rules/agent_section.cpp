#include "common/policy/rules/agent_section.h"

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"

namespace muster::policy {

AgentSection read_agent_section(const RuleInput& input, RuleOutput& output) {
  // As in `muster-agent check`. Of a host that never reported, host_reporting says so.
  if (input.section(kAgentProbe) == nullptr) {
    output.probes.emplace_back(kAgentProbe);
    output.judgements.push_back(
        {.kind = Judgement::Kind::kNotApplicable, .reason = "no agent has told about itself here"});
    return {};
  }
  const auto agent = read_one_section<v1::AgentFacts>(input, kAgentProbe, output);
  return {.facts = agent.facts, .holds_until = agent.holds_until};
}

}  // namespace muster::policy
