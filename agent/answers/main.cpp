// muster-answers: asks this host fixed questions for probes that may not, and writes what it hears.
#include <pwd.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/answers/ask.h"
#include "agent/asking/order.h"
#include "common/version.h"

namespace muster::answers {
namespace {

// "nobody", where there is no user muster-probe.
constexpr Account kNobody{65534, 65534};

constexpr const char* kHelp =
    "Usage: muster-answers antivirus|intrusion-detection\n"
    "       muster-answers            its standard input is a socket, and the order a byte: a or "
    "i\n\n"
    "Asks the products that protect this host for their state and writes what they say to "
    "standard\n"
    "output, unread, for a probe of muster-agent. What it asks is a fixed list, which\n"
    "`muster-agent probes` shows. Not for use by hand: systemd starts it by "
    "muster-answers.socket,\n"
    "or a probe that has no launcher.\n\n"
    "Exit status: 0 written, 64 wrong usage or order, 74 it could not be written, 77 the order is "
    "of\n"
    "another user.\n";

// Kept: what makes others of its children, ends them, and what one of them is left with.
void drop_privileges(agent::SystemCalls& calls) {
  uint64_t needed = 0;
  for (const int capability :
       {CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, CAP_DAC_READ_SEARCH, CAP_AUDIT_CONTROL}) {
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
    std::fputs(
        word == "--help" ? kHelp : ("muster-answers " + std::string(kVersion) + "\n").c_str(),
        stdout);
    return 0;
  }
  std::vector<Order> known;
  for (const Group group : {Group::kAntivirus, Group::kIntrusionDetection})
    known.push_back({static_cast<char>(group), name_of(group)});
  char byte = '\0';
  const std::span<char* const> words(argv, static_cast<size_t>(argc));
  const int refused = take_order("muster-answers", known, words.subspan(1), byte);
  if (refused != 0) return refused;

  AskOptions options;
  options.heard_by = STDOUT_FILENO;
  if (::geteuid() == 0) {
    const passwd* const asker = ::getpwnam("muster-probe");
    options.asker = asker == nullptr ? kNobody : Account{asker->pw_uid, asker->pw_gid};
  }
  agent::SystemCalls calls;
  drop_privileges(calls);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const std::string table =
      write_table(ask(all_questions(), static_cast<Group>(byte), options, calls));
  end_leftovers();
  return say(table.data(), table.size()) ? 0 : kOutputError;
}

}  // namespace
}  // namespace muster::answers

int main(int argc, char** argv) {
  return muster::answers::run(argc, argv);
}
