// `muster-agent status`: what the running agent's status file says, in words. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::agent {

struct StatusReport {
  std::string text;
  // 0: the last report got through. 1: it did not. 2: it cannot be told, for nobody runs or nobody
  // has reported yet.
  int exit_status = 2;
};

// `runs` is whether the process that wrote it still lives.
StatusReport describe_status(const v1::AgentStatus& status, bool runs, TimePoint now,
                             const TerminalStyle& style);

}  // namespace muster::agent
