#include "agent/launcher_program/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

// glibc 2.36 forgot that C++ may include it.
extern "C" {
#include <sys/pidfd.h>
}

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agent/sandbox/inherited_files.h"

namespace muster::agent {
namespace {

// Of the child: what it writes a failure to, and its program.
constexpr int kFailureDescriptor = 3;
constexpr int kProgramDescriptor = 4;
// Above all that it keeps.
constexpr int kNowhere = 200;
constexpr int kCannotStart = 127;

[[noreturn]] void fail(LaunchStep step, int32_t mechanism = 0) {
  const ChildFailure failure{step, errno, mechanism};
  // Nobody is left to hear of an error here.
  [[maybe_unused]] const ssize_t ignored = ::write(kFailureDescriptor, &failure, sizeof failure);
  ::_exit(kCannotStart);
}

// 0, 1, 2, the failure's, the program's and those of a network probe, and nothing else.
void arrange_descriptors(const ChildPlan& plan, int failure) {
  std::array<int, 7> wanted{plan.standard[0],     plan.standard[1], plan.standard[2], failure,
                            plan.sandbox.program, plan.pace,        plan.targets};
  // Above all of them first, so that no dup2 overwrites a source.
  for (int& descriptor : wanted) {
    if (descriptor < 0) continue;
    descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kNowhere);
    if (descriptor < 0) ::_exit(kCannotStart);
  }
  ::dup3(wanted[3], kFailureDescriptor, O_CLOEXEC);
  for (int i = 0; i < 3; ++i) {
    if (::dup2(wanted.at(static_cast<size_t>(i)), i) < 0) fail(LaunchStep::kDescriptors);
  }
  static_assert(kTargetsDescriptor == kPaceDescriptor + 1 && kTargetsDescriptor < kNowhere);
  if (::dup3(wanted[4], kProgramDescriptor, O_CLOEXEC) < 0 ||
      ::close_range(kProgramDescriptor + 1, kNowhere - 1, 0) != 0 ||
      (plan.pace >= 0 && ::dup2(wanted[5], kPaceDescriptor) < 0) ||
      (plan.targets >= 0 && ::dup2(wanted[6], kTargetsDescriptor) < 0) ||
      ::close_range(kNowhere, ~0U, 0) != 0) {
    fail(LaunchStep::kDescriptors);
  }
}

void reset_signals() {
  struct sigaction normal {};
  normal.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &normal, nullptr);
  // A write past the limit of a file is an error for the probe, not its end.
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignored, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void execute(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 3> environment{locale, path, nullptr};
  ::fexecve(kProgramDescriptor, pointers.data(), environment.data());
  if (errno != ENOENT) return;
  // A script: its interpreter opens the descriptor again by its name, so it has to stay.
  ::fcntl(kProgramDescriptor, F_SETFD, 0);
  ::fexecve(kProgramDescriptor, pointers.data(), environment.data());
}

[[noreturn]] void become(const ChildPlan& plan, SystemCalls& calls, int failure, pid_t parent) {
  arrange_descriptors(plan, failure);
  if (::setpgid(0, 0) != 0) fail(LaunchStep::kGroup);
  reset_signals();
  if (::chdir("/") != 0) fail(LaunchStep::kDirectory);
  ::umask(077);

  SandboxPlan sandbox = plan.sandbox;
  sandbox.program = kProgramDescriptor;
  const SandboxResult result = apply_sandbox(sandbox, calls);
  for (size_t i = 0; plan.require_sandbox && i < result.size(); ++i) {
    errno = result.at(i).error;
    if (errno != 0) fail(LaunchStep::kSandbox, static_cast<int32_t>(i));
  }
  // Only now: a change of user takes it away.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(LaunchStep::kDeathSignal);
  // The launcher may have ended before the line above.
  if (::getppid() != parent) ::_exit(kCannotStart);
  execute(plan.arguments);
  fail(LaunchStep::kProgram);
}

void wait_for(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

bool start_child(const ChildPlan& plan, SystemCalls& calls, Child& child, ChildFailure& failure) {
  Pipe pipe;
  const pid_t parent = ::getpid();
  if (!make_pipe(pipe) || (child.pid = ::fork()) < 0) {
    failure = {LaunchStep::kFork, errno, 0};
    return false;
  }
  if (child.pid == 0) become(plan, calls, pipe.write_end.get(), parent);
  // Here too, so that the group exists whoever runs first. It fails once the child has run exec,
  // when it is no longer needed.
  ::setpgid(child.pid, child.pid);
  child.ended.reset(::pidfd_open(child.pid, 0));
  if (child.ended.get() < 0) {
    failure = {LaunchStep::kFork, errno, 0};
    ::kill(child.pid, SIGKILL);
    wait_for(child.pid);
    return false;
  }
  child.failure = std::move(pipe.read_end);
  return true;
}

bool read_failure(const Child& child, ChildFailure& failure) {
  // Nobody else holds its other end once the child has ended or run exec; a descendant of a child
  // that never ran exec is impossible.
  return ::read(child.failure.get(), &failure, sizeof failure) == sizeof failure;
}

std::array<std::array<char, 96>, kMechanismCount> try_sandbox(const SandboxPlan& plan,
                                                              SystemCalls& calls) {
  std::array<std::array<char, 96>, kMechanismCount> missing{};
  Pipe pipe;
  pid_t pid = -1;
  const bool started = make_pipe(pipe) && (pid = ::fork()) >= 0;
  if (pid == 0) {
    SandboxPlan tried = plan;
    // It may wait for a process that is stuck, without an end.
    tried.declaration.processes = SandboxDeclaration::Processes::kNone;
    tried.declaration.answers = 0;
    tried.declaration.system_bus = false;
    const SandboxResult result = apply_sandbox(tried, calls);
    for (size_t i = 0; i < result.size(); ++i) {
      if (result.at(i).error == 0) continue;
      std::snprintf(missing.at(i).data(), missing.at(i).size(), "%s: %s", result.at(i).call,
                    ::strerrordesc_np(result.at(i).error));
    }
    ::_exit(::write(pipe.write_end.get(), &missing, sizeof missing) == sizeof missing ? 0 : 1);
  }
  pipe.write_end.reset(-1);
  if (!started || ::read(pipe.read_end.get(), &missing, sizeof missing) != sizeof missing) {
    for (auto& text : missing)
      std::snprintf(text.data(), text.size(), "it could not be tried out");
  }
  if (started) wait_for(pid);
  return missing;
}

bool make_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pipe.read_end.reset(ends[0]);
  pipe.write_end.reset(ends[1]);
  return true;
}

}  // namespace muster::agent
