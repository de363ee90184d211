// agent_sees_all: the agent's probes may look at what only root may read. Where they may not, it
// cannot be told what is there: unknown, never unmet.
#include "common/policy/rules/agent_section.h"
#include "common/policy/rules/every_rule.h"

namespace muster::policy {

RuleOutput judge_agent_sees_all(const RuleInput& input) {
  RuleOutput output;
  const AgentSection agent = read_agent_section(input, output);
  if (agent.facts == nullptr) return output;
  Judgement judgement{.kind = Judgement::Kind::kUnknown, .holds_until = agent.holds_until};
  if (agent.facts->runs_as_root()) {
    judgement.kind = Judgement::Kind::kMet;
    judgement.reason = "its probes see what only root may read";
  } else {
    judgement.reason =
        "it does not run as root: the serial number of the machine, and certificates in private "
        "directories, are not seen";
  }
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
