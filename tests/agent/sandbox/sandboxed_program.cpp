#include "tests/agent/sandbox/sandboxed_program.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "agent/launcher/memory_file.h"
#include "agent/sandbox/inherited_files.h"

namespace muster::agent {
namespace {

// Nobody's on any machine.
constexpr uid_t kUser = 64321;
constexpr uid_t kSomebody = 64322;

[[noreturn]] void become(const SandboxPlan& plan, Starter starter, SystemCalls* calls,
                         std::array<int, 3> standard, int targets, int report) {
  if (starter == Starter::kSomebody && ::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setresgid(kSomebody, kSomebody, kSomebody) != 0 ||
       ::setresuid(kSomebody, kSomebody, kSomebody) != 0)) {
    ::_exit(126);
  }
  for (int i = 0; i < 3; ++i)
    ::dup2(standard[static_cast<size_t>(i)], i);
  if (targets >= 0) ::dup2(targets, kTargetsDescriptor);
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::chdir("/") != 0) ::_exit(126);
  const SandboxResult result = calls != nullptr ? apply_sandbox(plan, *calls) : SandboxResult{};
  if (::write(report, &result, sizeof result) < 0) ::_exit(126);
  std::array<char*, 2> arguments{const_cast<char*>(plan.program_path.c_str()), nullptr};
  char locale[] = "LC_ALL=C";
  std::array<char*, 2> environment{locale, nullptr};
  ::fexecve(plan.program, arguments.data(), environment.data());
  ::_exit(127);
}

// Appends what is there, up to the limit; false at the end of the file.
bool drain(int descriptor, std::string& kept, size_t limit) {
  std::array<char, 1 << 16> block;
  const ssize_t count = ::read(descriptor, block.data(), block.size());
  if (count <= 0) return false;
  kept.append(block.data(), std::min(limit - kept.size(), static_cast<size_t>(count)));
  return true;
}

SandboxedRun run(SandboxPlan plan, Starter starter, const std::string& input,
                 const LaunchRequest& request, SystemCalls* calls,
                 const std::function<void(pid_t)>& meanwhile = {}) {
  if (starter == Starter::kRoot) {
    plan.user = kUser;
    plan.group = kUser;
  }
  SandboxedRun done;
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  EXPECT_EQ(::write(file, input.data(), input.size()), static_cast<ssize_t>(input.size()));
  ::lseek(file, 0, SEEK_SET);
  Descriptor targets;
  if (request.targets) targets = memory_file("targets", *request.targets);
  std::array<int, 2> output{};
  std::array<int, 2> error_output{};
  std::array<int, 2> report{};
  EXPECT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(error_output.data(), O_CLOEXEC), 0);
  EXPECT_EQ(::pipe2(report.data(), O_CLOEXEC), 0);
  plan.program = ::open(plan.program_path.c_str(), O_PATH | O_CLOEXEC);
  EXPECT_GE(plan.program, 0) << plan.program_path;

  const auto started = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  EXPECT_GE(pid, 0);
  if (pid == 0)
    become(plan, starter, calls, {file, output[1], error_output[1]}, targets.get(), report[1]);
  for (const int descriptor : {file, output[1], error_output[1], report[1], plan.program})
    ::close(descriptor);
  EXPECT_EQ(::read(report[0], &done.sandbox, sizeof done.sandbox),
            static_cast<ssize_t>(sizeof done.sandbox));

  if (meanwhile) meanwhile(pid);

  LaunchResult& result = done.result;
  std::array<pollfd, 2> open{{{output[0], POLLIN, 0}, {error_output[0], POLLIN, 0}}};
  bool killed = false;
  const auto kill_for = [&](LaunchResult::End reason) {
    if (!killed) result.end = reason;
    killed = true;
    ::kill(-pid, SIGKILL);
  };
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    const auto left = request.timeout - (std::chrono::steady_clock::now() - started);
    if (left <= left.zero()) kill_for(LaunchResult::End::kTimedOut);
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    ::poll(open.data(), open.size(), killed ? -1 : static_cast<int>(milliseconds));
    if (open[0].revents != 0 && !drain(output[0], result.output, request.output_limit + 1)) {
      open[0].fd = -1;
    }
    if (result.output.size() > request.output_limit) kill_for(LaunchResult::End::kTooMuchOutput);
    if (open[1].revents != 0 &&
        !drain(error_output[0], result.error_output, request.error_output_limit)) {
      open[1].fd = -1;
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!killed) {
    result.end = WIFSIGNALED(status) ? LaunchResult::End::kSignalled : LaunchResult::End::kExited;
  }
  result.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  for (const int descriptor : {output[0], error_output[0], report[0]})
    ::close(descriptor);
  return done;
}

}  // namespace

std::vector<Starter> starters() {
  if (::geteuid() != 0) return {Starter::kSomebody};
  return {Starter::kRoot, Starter::kSomebody};
}

std::string_view name_of(Starter starter) {
  return starter == Starter::kRoot ? "started by root" : "started by somebody";
}

SandboxedRun run_sandboxed(const SandboxPlan& plan, Starter starter, const std::string& input,
                           const LaunchRequest& request) {
  SystemCalls calls;
  return run(plan, starter, input, request, &calls);
}

SandboxedRun run_sandboxed(SandboxPlan plan, Starter starter, const std::string& input,
                           const LaunchRequest& request, SystemCalls& calls,
                           const std::function<void(pid_t)>& meanwhile) {
  return run(std::move(plan), starter, input, request, &calls, meanwhile);
}

LaunchResult run_free(const std::string& program, Starter starter, const std::string& input,
                      const LaunchRequest& request) {
  SandboxPlan plan;
  plan.program_path = program;
  return run(std::move(plan), starter, input, request, nullptr).result;
}

SandboxPlan plan_of(const SandboxDeclaration& declaration, const std::string& program,
                    const std::vector<std::string>& more_readable, const std::string& root) {
  SandboxPlan plan;
  plan.program_path = program;
  plan.declaration = declaration;
  for (const std::string_view path : declaration.readable)
    plan.readable.push_back(root + std::string(path));
  plan.readable.insert(plan.readable.end(), more_readable.begin(), more_readable.end());
  return plan;
}

}  // namespace muster::agent
