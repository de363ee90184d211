// Which launcher an agent has, by its command line. Called before there are other threads and
// before privileges are given up.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "agent/launcher/launcher_link.h"

namespace muster::agent {

struct LauncherStart {
  // Where one listens that systemd started; empty: it is started here, with what follows.
  std::string socket = {};
  std::string program = {};
  std::string probe_directory = {};
  // Empty: probes have no settings.
  std::string config = {};
  std::string root = "/";
  // Empty: the launcher's own.
  std::string probe_user = {};
  bool require_sandbox = false;
  bool quiet = false;
  // Probes of the network look at any target, whatever the configuration allows.
  bool any_target = false;
};

// Starts it, with this process's privileges. What is returned gives that one first; a later one has
// the privileges of then.
absl::StatusOr<ConnectLauncher> start_launcher(const LauncherStart& start);

}  // namespace muster::agent
