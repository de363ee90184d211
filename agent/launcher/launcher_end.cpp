#include "agent/launcher/launcher_end.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

// glibc 2.36 forgot that C++ may include it.
extern "C" {
#include <sys/pidfd.h>
}

#include "common/descriptor.h"

namespace muster::agent {
namespace {

constexpr int kEndTakesMilliseconds = 2000;
// Exit statuses of the launcher that another attempt would not change.
constexpr int kSandboxRefused = 77;
constexpr int kConfigRefused = 78;

}  // namespace

std::optional<int> reap_launcher(pid_t child) {
  const Descriptor ended(::pidfd_open(child, 0));
  pollfd polled{.fd = ended.get(), .events = POLLIN, .revents = 0};
  int status = 0;
  if (::poll(&polled, 1, kEndTakesMilliseconds) != 1) {
    // Nothing keeps it but a fault: it is not ours to wait for.
    ::kill(child, SIGKILL);
    return std::nullopt;
  }
  return ::waitpid(child, &status, WNOHANG) == child ? std::optional(status) : std::nullopt;
}

std::string describe_launcher_end(std::optional<int> status) {
  if (!status) return "it closed its connection";
  if (WIFSIGNALED(*status)) return fmt::format("it was ended by signal {}", WTERMSIG(*status));
  switch (WEXITSTATUS(*status)) {
    case kSandboxRefused:
      return "a part of the sandbox is missing, and --require-sandbox is given";
    case kConfigRefused:
      return "it did not take the configuration";
    default:
      return fmt::format("it ended with status {}", WEXITSTATUS(*status));
  }
}

bool another_would_be_refused(int status) {
  return WIFEXITED(status) &&
         (WEXITSTATUS(status) == kSandboxRefused || WEXITSTATUS(status) == kConfigRefused);
}

}  // namespace muster::agent
