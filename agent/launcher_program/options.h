// The command line of muster-launcher. Pure but for what it prints.
#pragma once

#include <string>

namespace muster::agent {

struct LauncherOptions {
  // Empty: no settings.
  std::string config;
  std::string probe_directory;
  std::string agent_program;
  std::string root = "/";
  // Whom probes run as, where this is root: a name or a number.
  std::string user = "muster-probe";
  // Who may connect, where a socket is listened on.
  std::string agent_user = "muster";
  bool require_sandbox = false;
  bool quiet = false;
  bool any_target = false;
  // A connected socket; else systemd hands over one that listens.
  int socket = -1;
};

// The exit status in `status`, with the mistake or the help printed, if there is nothing to do: -1
// if there is.
LauncherOptions parse_launcher_options(int argc, char** argv, int& status);

}  // namespace muster::agent
