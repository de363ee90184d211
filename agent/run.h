// `muster-agent run`: the agent as a daemon, from its configuration to its end by a signal.
#pragma once

#include <string>

#include "common/service_environment.h"

namespace muster::agent {

struct RunOptions {
  std::string config_path;
  // Where probes are unless the configuration says otherwise.
  std::string probe_directory;
  std::string launcher_program = {};
  // A launcher that systemd started; else it starts its own.
  std::string launcher_socket = {};
  // Whom root becomes, and whom probes run as then; empty for muster and muster-probe.
  std::string user = {};
  std::string probe_user = {};
  bool require_sandbox = false;
  // Who is told how it stands.
  ServiceEnvironment service = {};
};

// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. Started by root, it starts
// the launcher and then becomes another user. Returns the exit status: 0 after a signal, 78
// (EX_CONFIG) for a configuration that is wrong or a user that is not there, 77 (EX_NOPERM) for a
// part of the sandbox that is missing and required, 73 (EX_CANTCREAT) when the state directory
// cannot be used.
int run_agent(const RunOptions& options);

// `--check-config`: prints what is wrong to stderr, or one line to stdout. 0 or 78.
int check_config(const std::string& config_path);

// Whether an agent runs on this state directory now: by its lock, which goes with the process,
// whatever process has its number since.
bool state_is_in_use(const std::string& directory);

}  // namespace muster::agent
