// Runs the one-shot `muster-agent probe-requests`, which reads agent.yml from its stdin and writes
// the request table (request_table.h) to its stdout, in a sandbox that gives it nothing but these.
#pragma once

#include <string>

#include "agent/launcher_program/request_table.h"
#include "agent/sandbox/sandbox.h"
#include "agent/sandbox/system_calls.h"

namespace muster::agent {

struct RequestSource {
  // agent.yml; empty: no settings.
  std::string config;
  std::string agent_program;
  // "/", or below which probes look.
  std::string root;
  // Whether probes of the network may look at any target: somebody runs them by hand.
  bool any_target = false;
  // Of the sandbox: who it runs as.
  std::optional<uid_t> user;
  std::optional<gid_t> group;
  size_t rows = 0;
};

// False with the reason: the configuration is not root's word nor that of this process's user
// (config_owner.h); the one-shot failed, took longer than ten seconds, or wrote more
// than a table.
bool read_requests(const RequestSource& source, SystemCalls& calls, RequestTable& table,
                   std::string& why);

}  // namespace muster::agent
