// Where a process belongs, by /proc/PID/cgroup (cgroups(7)): the names that systemd and the
// managers of containers give their control groups. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::restart {

struct Membership {
  // "nginx.service", "user@1000.service", "session-3.scope": in a container with a systemd of its
  // own, that one's. Empty: none.
  std::string unit = {};
  // The name of a machine, or the first 12 digits of an id, as docker ps shows it. Empty: none.
  std::string container = {};
};

Membership parse_control_groups(std::string_view proc_pid_cgroup);

}  // namespace muster::restart
