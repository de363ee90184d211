// The command line of muster-agent: verbs, options, help. It decides nothing. Pure but for what it
// prints; CLI11 stays in its .cpp.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/config/config.h"

namespace muster::agent {

struct RunArguments {
  std::string config{kDefaultConfigPath};
  bool check_config = false;
  std::string user;
  std::string probe_user;
  std::string launcher_socket;
  bool require_sandbox = false;
};

struct EnrolArguments {
  std::string collector;
  std::string token;
  std::string token_file;
  std::string ca_sha256;
  std::string name;
  std::string state_directory{kDefaultStateDirectory};
  std::string config;
  std::string proxy;
  bool force = false;
};

struct CheckArguments {
  std::string root = "/";
  std::string format = "table";
  std::string policy;
  // Lists of targets to look at instead of this host, and globs of them; empty for none.
  std::vector<std::string> targets;
  bool show_what_leaves = false;
  std::string probe_user;
  bool require_sandbox = false;
};

struct ProbesArguments {
  std::string format = "table";
};

struct ProbeRequestsArguments {
  std::string root = "/";
  std::string name{"agent.yml"};
  bool no_settings = false;
  bool any_target = false;
};

struct StatusArguments {
  std::string state_directory;
  std::string config;
};

// What was asked for; an int where there is nothing more to do but to end with that status: after
// --help and --version (0), and after a mistake, which has been explained on stderr (64).
using CommandLine = std::variant<int, RunArguments, EnrolArguments, CheckArguments, StatusArguments,
                                 ProbesArguments, ProbeRequestsArguments>;
CommandLine parse_command_line(int argc, char** argv);

}  // namespace muster::agent
