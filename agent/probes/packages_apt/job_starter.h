// What starts apt's daily jobs: systemd's timers where systemd runs, else cron. As apt's own
// /etc/cron.daily/apt-compat has it, which leaves the work to the timers where systemd runs. By
// what stat and readlink say of the units' names; no unit is read. Calls block; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"

namespace muster::packages_apt {

struct JobStarter {
  enum class State {
    // Something starts the job.
    kStarts,
    // Nothing does.
    kOff,
    // It could not be looked at.
    kUnknown
  };
  State state = State::kUnknown;
  // "apt-daily-upgrade.timer is masked", for an operator.
  std::string reason;
};

// `job` is "apt-daily" or "apt-daily-upgrade". In an image (`root` not empty) systemd counts as
// running where it is installed as init, and cron where one is installed.
JobStarter starter_of(const std::string& root, const std::string& job,
                      const std::vector<AptPackage>& packages);

}  // namespace muster::packages_apt
