// Ways to a launcher: one that is started as a child, or one that systemd has started. Any thread.
#pragma once

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/descriptor.h"

namespace muster::agent {

struct LauncherLink {
  // Connected, SOCK_SEQPACKET, non-blocking.
  Descriptor socket;
  // Whom to wait for when it ends; -1 where it is not our child.
  pid_t child = -1;
};
using ConnectLauncher = std::function<absl::StatusOr<LauncherLink>()>;

// Connects to the Unix socket at the path.
absl::StatusOr<LauncherLink> connect_launcher(const std::string& path);

// Starts launchers as children. The program is opened once, so that it can be started again by a
// user who cannot reach its path.
class LauncherStarter {
 public:
  // `arguments` follow the program's name.
  static absl::StatusOr<LauncherStarter> open(const std::string& program,
                                              std::vector<std::string> arguments);
  // May be called while there are other threads.
  absl::StatusOr<LauncherLink> start() const;

 private:
  LauncherStarter(Descriptor program, std::vector<std::string> arguments);

  Descriptor program_;
  std::vector<std::string> arguments_;
};

// The socket for a launcher that a function makes: what start() and the tests share.
absl::StatusOr<std::pair<Descriptor, Descriptor>> make_launcher_sockets();

}  // namespace muster::agent
