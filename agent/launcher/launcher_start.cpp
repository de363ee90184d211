#include "agent/launcher/launcher_start.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace muster::agent {

absl::StatusOr<ConnectLauncher> start_launcher(const LauncherStart& start) {
  if (!start.socket.empty()) {
    return ConnectLauncher([path = start.socket] { return connect_launcher(path); });
  }
  std::vector<std::string> arguments{"--probes", start.probe_directory, "--root", start.root};
  if (!start.config.empty()) arguments.insert(arguments.end(), {"--config", start.config});
  if (!start.probe_user.empty()) arguments.insert(arguments.end(), {"--user", start.probe_user});
  if (start.require_sandbox) arguments.emplace_back("--require-sandbox");
  if (start.quiet) arguments.emplace_back("--quiet");
  if (start.any_target) arguments.emplace_back("--any-target");
  absl::StatusOr<LauncherStarter> starter =
      LauncherStarter::open(start.program, std::move(arguments));
  if (!starter.ok()) return starter.status();
  struct Launchers {
    LauncherStarter starter;
    std::optional<LauncherLink> first;
  };
  // Shared because a function is copied; there is one.
  auto launchers = std::make_shared<Launchers>(Launchers{*std::move(starter), std::nullopt});
  absl::StatusOr<LauncherLink> first = launchers->starter.start();
  if (!first.ok()) return first.status();
  launchers->first = *std::move(first);
  return ConnectLauncher([launchers]() -> absl::StatusOr<LauncherLink> {
    if (!launchers->first) return launchers->starter.start();
    LauncherLink link = *std::move(launchers->first);
    launchers->first.reset();
    return link;
  });
}

}  // namespace muster::agent
