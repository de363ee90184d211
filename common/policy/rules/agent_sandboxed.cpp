// agent_sandboxed: each part of the sandbox that holds an agent's probes is there. One that the
// host's kernel, or the lack of root, does not give is a subject of its own, unmet.
#include <fmt/format.h>

#include "common/policy/rules/agent_section.h"
#include "common/policy/rules/every_rule.h"
#include "common/text.h"

namespace muster::policy {

RuleOutput judge_agent_sandboxed(const RuleInput& input) {
  RuleOutput output;
  const AgentSection agent = read_agent_section(input, output);
  if (agent.facts == nullptr) return output;
  if (!agent.facts->has_sandbox()) {
    output.judgements.push_back({.kind = Judgement::Kind::kUnknown,
                                 .reason = "the agent does not tell what holds its probes: it is "
                                           "older than sandboxes, or its launcher does not answer",
                                 .holds_until = agent.holds_until});
    return output;
  }
  for (const v1::SandboxGap& gap : agent.facts->sandbox().missing()) {
    output.judgements.push_back(
        {.subject = gap.mechanism(),
         .kind = Judgement::Kind::kUnmet,
         .reason = fmt::format("probes run without it: {}", printable(gap.reason(), 256)),
         .holds_until = agent.holds_until});
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Judgement::Kind::kMet,
                                 .reason = "all that can hold its probes holds them",
                                 .holds_until = agent.holds_until});
  }
  return output;
}

}  // namespace muster::policy
