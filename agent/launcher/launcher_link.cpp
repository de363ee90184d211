#include "agent/launcher/launcher_link.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/files.h"

namespace muster::agent {
namespace {

// Of the child: --socket-fd, and its program until it runs.
constexpr int kSocketDescriptor = 3;
constexpr int kProgramDescriptor = 4;
constexpr int kCannotStart = 127;

// Between fork and exec of a process that may have other threads: only async-signal-safe calls, no
// allocation.
[[noreturn]] void become_launcher(int socket, int program, int null, char* const* arguments) {
  std::array<int, 3> wanted{socket, program, null};
  for (int& descriptor : wanted) {
    descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    if (descriptor < 0) ::_exit(kCannotStart);
  }
  if (::dup2(wanted[2], STDIN_FILENO) < 0 || ::dup2(wanted[2], STDOUT_FILENO) < 0 ||
      ::dup2(wanted[0], kSocketDescriptor) < 0 ||
      ::dup3(wanted[1], kProgramDescriptor, O_CLOEXEC) < 0 || ::close_range(5, ~0U, 0) != 0) {
    ::_exit(kCannotStart);
  }
  // A signal to the terminal's group is for the agent, which sees to the launcher's end.
  ::setsid();
  struct sigaction normal {};
  normal.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &normal, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 3> environment{locale, path, nullptr};
  ::fexecve(kProgramDescriptor, arguments, environment.data());
  ::_exit(kCannotStart);
}

}  // namespace

absl::StatusOr<std::pair<Descriptor, Descriptor>> make_launcher_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return errno_status(errno, "making the launcher's socket");
  }
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

absl::StatusOr<LauncherLink> connect_launcher(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(fmt::format("{}: too long for a socket's path", path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  LauncherLink link;
  link.socket.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (link.socket.get() < 0 ||
      ::connect(link.socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return errno_status(errno, fmt::format("connecting to {}", path));
  }
  return link;
}

LauncherStarter::LauncherStarter(Descriptor program, std::vector<std::string> arguments)
    : program_(std::move(program)), arguments_(std::move(arguments)) {}

absl::StatusOr<LauncherStarter> LauncherStarter::open(const std::string& program,
                                                      std::vector<std::string> arguments) {
  Descriptor opened(::open(program.c_str(), O_PATH | O_CLOEXEC));
  if (opened.get() < 0) return errno_status(errno, fmt::format("opening {}", program));
  arguments.insert(arguments.begin(), program);
  arguments.insert(arguments.end(), {"--socket-fd", std::to_string(kSocketDescriptor)});
  return LauncherStarter(std::move(opened), std::move(arguments));
}

absl::StatusOr<LauncherLink> LauncherStarter::start() const {
  auto sockets = make_launcher_sockets();
  if (!sockets.ok()) return sockets.status();
  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null.get() < 0) return errno_status(errno, "opening /dev/null");
  std::vector<char*> arguments;
  for (const std::string& argument : arguments_)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  LauncherLink link;
  link.child = ::fork();
  if (link.child < 0) return errno_status(errno, "forking for the launcher");
  if (link.child == 0) {
    become_launcher(sockets->second.get(), program_.get(), null.get(), arguments.data());
  }
  link.socket = std::move(sockets->first);
  return link;
}

}  // namespace muster::agent
