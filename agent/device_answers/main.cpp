// muster-device-answers: asks this host's devices fixed questions for probes that may not, and
// writes what it hears.
#include <pwd.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "agent/asking/order.h"
#include "agent/asking/tasks.h"
#include "agent/device_answers/device_tasks.h"
#include "common/version.h"

namespace muster::answers {
namespace {

// "nobody", where there is no user muster-probe.
constexpr Account kNobody{65534, 65534};

constexpr const char* kHelp =
    "Usage: muster-device-answers firmware|hardware\n"
    "       muster-device-answers     its standard input is a socket, and the order a byte: f or "
    "h\n\n"
    "Asks this host's drives, network adapters, management controller and device mapper what they\n"
    "run and how they fare, and writes what they say to standard output, unread, for a probe of\n"
    "muster-agent. It changes nothing: what it asks is a fixed list, which docs/security.md "
    "shows.\n"
    "Not for use by hand: systemd starts it by muster-device-answers.socket, or a probe that has "
    "no\nlauncher.\n\n"
    "Exit status: 0 written, 64 wrong usage or order, 74 it could not be written, 77 the order is "
    "of\nanother user.\n";

// Kept: what makes others of its children, ends them, and what one of them is left with.
void drop_privileges(agent::SystemCalls& calls) {
  uint64_t needed = 0;
  for (const int capability :
       {CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, CAP_SYS_ADMIN, CAP_SYS_RAWIO}) {
    needed |= capability_bit(capability);
  }
  calls.drop_bounding_set_but(needed);
  calls.set_capabilities(needed);
  ::cap_reset_ambient();
  calls.set_no_new_privileges();
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  // Of whoever started it, nothing but the standard ones.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  const std::string_view word = argc == 2 ? argv[1] : "";
  if (word == "--help" || word == "--version") {
    const std::string version = "muster-device-answers " + std::string(kVersion) + "\n";
    std::fputs(word == "--help" ? kHelp : version.c_str(), stdout);
    return 0;
  }
  constexpr std::array kKnown{Order{'f', "firmware"}, Order{'h', "hardware"}};
  char byte = '\0';
  const std::span<char* const> words(argv, static_cast<size_t>(argc));
  const int refused = take_order("muster-device-answers", kKnown, words.subspan(1), byte);
  if (refused != 0) return refused;

  AskOptions options;
  options.heard_by = STDOUT_FILENO;
  if (::geteuid() == 0) {
    const passwd* const asker = ::getpwnam("muster-probe");
    options.asker = asker == nullptr ? kNobody : Account{asker->pw_uid, asker->pw_gid};
  }
  agent::SystemCalls calls;
  drop_privileges(calls);
  const std::vector<Task> tasks = device_tasks(static_cast<DeviceGroup>(byte), {});
  const std::string table = write_table(run_tasks(tasks, options, calls));
  return say(table.data(), table.size()) ? 0 : kOutputError;
}

}  // namespace
}  // namespace muster::answers

int main(int argc, char** argv) {
  return muster::answers::run(argc, argv);
}
