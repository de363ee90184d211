// agent_sandboxed: each part of the sandbox that holds an agent's probes is there. One that the
// host's kernel, or the lack of root, does not give is a subject of its own, unmet.
#include <fmt/format.h>

#include "common/policy/rules/every_rule.h"
#include "common/text.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::policy {

RuleOutput judge_agent_sandboxed(const RuleInput& input) {
  RuleOutput output;
  output.probes = {std::string(kAgentProbe)};
  // As in `muster-agent check`. Of a host that never reported, host_reporting says so.
  if (input.section(kAgentProbe) == nullptr) {
    output.judgements.push_back(
        {.kind = Judgement::Kind::kNotApplicable, .reason = "no agent has told about itself here"});
    return output;
  }
  Freshness freshness = judge_freshness(input, kAgentProbe, "muster.v1.AgentFacts");
  if (freshness.verdict) {
    freshness.verdict->holds_until = freshness.holds_until;
    output.judgements.push_back(*std::move(freshness.verdict));
    return output;
  }
  const auto* facts = input.facts.get<v1::AgentFacts>(*input.section(kAgentProbe));
  if (facts == nullptr || !facts->has_sandbox()) {
    output.judgements.push_back(
        {.kind = Judgement::Kind::kUnknown,
         .reason = facts == nullptr ? "the facts of the agent cannot be read"
                                    : "the agent does not tell what holds its probes: it is older "
                                      "than sandboxes, or its launcher does not answer",
         .holds_until = freshness.holds_until});
    return output;
  }
  for (const v1::SandboxGap& gap : facts->sandbox().missing()) {
    output.judgements.push_back(
        {.subject = gap.mechanism(),
         .kind = Judgement::Kind::kUnmet,
         .reason = fmt::format("probes run without it: {}", printable(gap.reason(), 256)),
         .holds_until = freshness.holds_until});
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Judgement::Kind::kMet,
                                 .reason = "all that can hold its probes holds them",
                                 .holds_until = freshness.holds_until});
  }
  return output;
}

}  // namespace muster::policy
