// agent_sees_all: the agent's probes may look at what only root may read. Where they may not, it
// cannot be told what is there: unknown, never unmet.
#include "common/policy/rules/every_rule.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::policy {

RuleOutput judge_agent_sees_all(const RuleInput& input) {
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
  Judgement judgement{.kind = Judgement::Kind::kUnknown,
                      .reason = "the facts of the agent cannot be read",
                      .holds_until = freshness.holds_until};
  if (facts != nullptr && facts->runs_as_root()) {
    judgement.kind = Judgement::Kind::kMet;
    judgement.reason = "its probes see what only root may read";
  } else if (facts != nullptr) {
    judgement.reason =
        "it does not run as root: the serial number of the machine, and certificates in private "
        "directories, are not seen";
  }
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
