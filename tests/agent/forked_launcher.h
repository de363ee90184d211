// The launcher's own loop in a forked child, on a kernel that can hold a probe by limits and
// no_new_privs only: so probes may be shell scripts. The caller has one thread.
#pragma once

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <span>
#include <string>
#include <utility>

#include "agent/launcher/launcher_link.h"
#include "agent/launcher_program/server.h"

namespace muster::test {

inline constexpr const char* kForkedRequest = "the request";

class LimitsOnly : public agent::SystemCalls {
 public:
  // Scripts fork; and who runs the tests has other processes.
  int set_limit(int resource, const rlimit& limit) override {
    if (resource == RLIMIT_NPROC) return 0;
    // Scripts write, here to show what they did.
    if (resource == RLIMIT_FSIZE) {
      constexpr rlimit kLargest{rlim_t{512} << 20, rlim_t{512} << 20};
      return SystemCalls::set_limit(resource, kLargest);
    }
    return SystemCalls::set_limit(resource, limit);
  }
  int set_capabilities(uint64_t) override { return missing(); }
  int drop_bounding_set_but(uint64_t) override { return missing(); }
  int landlock_version() override { return missing(); }
  int set_seccomp_filter(const sock_fprog&) override { return missing(); }

 private:
  static int missing() {
    errno = ENOSYS;
    return -1;
  }
};

// `adapt` changes what the launcher is told.
inline agent::ConnectLauncher forked_launcher(
    std::span<const agent::ProbeRow> rows, const std::string& directory,
    const std::function<void(agent::ServerOptions&)>& adapt = [](agent::ServerOptions&) {}) {
  return [rows, directory, adapt]() -> absl::StatusOr<agent::LauncherLink> {
    auto sockets = agent::make_launcher_sockets();
    if (!sockets.ok()) return sockets.status();
    agent::LauncherLink link;
    link.child = ::fork();
    if (link.child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      sockets->first.reset(-1);
      agent::ServerOptions options;
      options.rows = rows;
      options.probe_directory = directory;
      options.connection = sockets->second.release();
      options.quiet = true;
      options.read_requests = [rows](agent::RequestTable& table, std::string&) {
        table.rows.assign(rows.size(), {.enabled = true,
                                        .timeout_milliseconds = agent::kLongestTimeoutMilliseconds,
                                        .request = kForkedRequest,
                                        .paths = {}});
        return true;
      };
      adapt(options);
      LimitsOnly calls;
      ::_exit(agent::LauncherServer(std::move(options), calls).serve());
    }
    link.socket = std::move(sockets->first);
    return link;
  };
}

}  // namespace muster::test
