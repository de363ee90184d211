// What the rules about the agent itself have in common: its section, judged as far as it can be
// without looking into its facts. Pure; any thread.
#pragma once

#include "common/policy/rules.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::policy {

struct AgentSection {
  // Null where the output says already all there is to say: no agent tells of itself here, or its
  // facts are too old or cannot be read.
  const v1::AgentFacts* facts = nullptr;
  // Until when they are fresh.
  TimePoint holds_until = TimePoint::max();
};

// Names the probe in the output, and adds the judgement where there are no facts to judge.
AgentSection read_agent_section(const RuleInput& input, RuleOutput& output);

}  // namespace muster::policy
