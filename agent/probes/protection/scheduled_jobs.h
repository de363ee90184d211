// What starts a program by itself: systemd's enabled timers, and jobs of cron and anacron. Calls
// block; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::protection {

struct ScheduledJob {
  // "aide-check.timer", "/etc/cron.daily/aide".
  std::string name;
  // The command line, or the script, that calls the program.
  std::string text;
  // By systemd's stamp: cron keeps none.
  std::optional<TimePoint> last_run_at;
};

struct ScheduledJobs {
  std::vector<ScheduledJob> jobs;
  // What could not be read, or be believed since others than root may write it, so that a job may
  // be missing: "/etc/cron.d: Permission denied".
  std::string unread;
};

// The jobs that call one of the programs: in the commands of an enabled timer's service, in the
// system's crontabs and root's own, in the scripts of cron.hourly to cron.monthly that run-parts
// would start, and in a script in /usr/local/bin, /usr/local/sbin or /etc/cron.* that one of those
// starts by its path. Users' crontabs do not count, and no file that others than root may write.
ScheduledJobs jobs_that_call(const std::string& root, std::vector<std::string_view> programs);

// Whether a command in a line that is no comment has one of the programs as a word, and not behind
// one that starts nothing ("echo", "test"). Pure.
bool calls(std::string_view script, const std::vector<std::string_view>& programs);

// The next command of a line of a shell's, up to where it can start nothing more: "nice aide",
// empty of "true aide" and of a comment. Pure.
std::string_view take_command(std::string_view& line);

}  // namespace muster::protection
