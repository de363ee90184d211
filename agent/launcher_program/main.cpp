// muster-launcher: the only privileged process of Muster on a host. Finds its socket, drops what it
// does not need, and serves.
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "agent/launcher_program/log.h"
#include "agent/launcher_program/options.h"
#include "agent/launcher_program/request_reader.h"
#include "agent/launcher_program/server.h"
#include "agent/looking/probe_list.h"
#include "agent/sandbox/system_calls.h"

namespace muster::agent {
namespace {

constexpr int kUsageError = 64;
constexpr int kNoUser = 67;
// As sd_listen_fds(3) has it.
constexpr int kFirstPassedDescriptor = 3;

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// A number is a user without a name, in the group of that number.
std::optional<Account> find_account(const std::string& name) {
  uid_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error == std::errc() && rest == end && number != 0) return Account{number, number};
  const passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  return Account{entry->pw_uid, entry->pw_gid};
}

std::string installed(const std::string& relative) {
  std::string path(PATH_MAX, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  const std::string directory = path.substr(0, path.rfind('/'));
  std::string resolved(PATH_MAX, '\0');
  if (::realpath((directory + "/" + relative).c_str(), resolved.data()) == nullptr) return {};
  return resolved.c_str();
}

// systemd's listening socket, if it passed exactly one to this process.
int passed_socket() {
  const char* const process = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (process == nullptr || count == nullptr) return -1;
  if (std::to_string(::getpid()) != process || std::string(count) != "1") return -1;
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(kFirstPassedDescriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return -1;
  return type == SOCK_SEQPACKET ? kFirstPassedDescriptor : -1;
}

// As sd_watchdog_enabled(3) has it: twice within the time, so that one may be late. 0: never.
std::chrono::milliseconds life_interval() {
  const char* const text = std::getenv("WATCHDOG_USEC");
  const char* const process = std::getenv("WATCHDOG_PID");
  if (text == nullptr || (process != nullptr && std::to_string(::getpid()) != process)) return {};
  uint64_t microseconds = 0;
  std::from_chars(text, text + std::strlen(text), microseconds);
  constexpr uint64_t kADay = 86'400'000'000;
  return std::chrono::milliseconds(std::min(microseconds, kADay) / 2000);
}

// Kept: what gives a probe its user and its capabilities, ends it as somebody else's, and shows it
// what processes have mapped. The ways to the kernel's audit and to devices are for those alone who
// ask the host, where this starts them.
void drop_privileges(SystemCalls& calls, bool starts_answers) {
  uint64_t needed = 0;
  for (const int capability : {CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, CAP_SYS_PTRACE})
    needed |= uint64_t{1} << static_cast<unsigned>(capability);
  for (const ProbeRow& row : all_probes())
    needed |= row.sandbox.capabilities;
  for (const int capability : {CAP_AUDIT_CONTROL, CAP_SYS_ADMIN, CAP_SYS_RAWIO})
    if (starts_answers) needed |= uint64_t{1} << static_cast<unsigned>(capability);
  // Where it cannot be, there is none to drop; what probes then lack is said by the server.
  calls.drop_bounding_set_but(needed);
  calls.set_capabilities(needed);
  // Not ambient: what it starts gets what the sandbox gives.
  ::cap_reset_ambient();
  calls.set_no_new_privileges();
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int run(int argc, char** argv) {
  int status = -1;
  LauncherOptions options = parse_launcher_options(argc, argv, status);
  if (status >= 0) return status;
  ::signal(SIGPIPE, SIG_IGN);

  ServerOptions server;
  server.rows = all_probes();
  server.root = options.root;
  server.require_sandbox = options.require_sandbox;
  server.quiet = options.quiet;
  server.privileged = ::geteuid() == 0;
  server.connection = options.socket;
  // systemd starts it, where it started this: so that a unit that is masked stays quiet.
  if (options.socket >= 0) server.answering_programs = installed(".");
  if (options.socket < 0) {
    server.listener = passed_socket();
    if (server.listener < 0) {
      say("error",
          "there is no socket: systemd starts it with muster-launcher.socket, or "
          "muster-agent run starts it");
      return kUsageError;
    }
    const std::optional<Account> agent = find_account(options.agent_user);
    if (!agent) {
      say("error", "there is no such user, who may connect", {{"user", options.agent_user}});
      return kNoUser;
    }
    server.agent_user = agent->user;
    const char* const manager = std::getenv("NOTIFY_SOCKET");
    server.manager = NotifySocket(manager == nullptr ? "" : manager);
    server.life_interval = life_interval();
  }
  if (server.privileged) {
    const std::optional<Account> probe = find_account(options.user);
    if (probe) {
      server.user = probe->user;
      server.group = probe->group;
    } else {
      server.no_user = "there is no user " + options.user;
    }
  }
  server.probe_directory =
      options.probe_directory.empty() ? installed("probes") : options.probe_directory;
  SystemCalls calls;
  drop_privileges(calls, !server.answering_programs.empty());
  const RequestSource source{.config = options.config,
                             .agent_program = options.agent_program.empty()
                                                  ? installed("../../bin/muster-agent")
                                                  : options.agent_program,
                             .root = options.root,
                             .any_target = options.any_target,
                             .user = server.user,
                             .group = server.group,
                             .rows = server.rows.size()};
  server.read_requests = [&source, &calls](RequestTable& table, std::string& why) {
    return read_requests(source, calls, table, why);
  };
  return LauncherServer(std::move(server), calls).serve();
}

}  // namespace
}  // namespace muster::agent

int main(int argc, char** argv) {
  return muster::agent::run(argc, argv);
}
