// What the server does with one run: starts it, ends it at its limit, and reports its end.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "agent/launcher/memory_file.h"
#include "agent/launcher_program/server.h"
#include "agent/sandbox/inherited_files.h"
#include "agent/sandbox/landlock_rules.h"

namespace muster::agent {
namespace {

using Clock = std::chrono::steady_clock;

bool is_executable_file(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return false;
  errno = EACCES;
  return S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

}  // namespace

void LauncherServer::Run::kill_group() const {
  ::kill(-child.pid, SIGKILL);
}

SandboxPlan LauncherServer::plan_of(size_t row, int program) const {
  const ProbeRow& probe = options_.rows[row];
  const ProbeOrders& orders = requests_.rows[row];
  const std::string prefix = options_.root == "/" ? "" : options_.root;
  SandboxPlan plan;
  plan.program = program;
  plan.program_path = requests_.probe_directory + "/" + std::string(probe.program);
  plan.declaration = probe.sandbox;
  // An image at rest answers nothing.
  if (options_.root != "/") plan.declaration.answers = 0;
  plan.answering_programs = options_.answering_programs;
  for (const std::string_view path : probe.sandbox.readable)
    plan.readable.push_back(prefix + std::string(path));
  for (const std::string& path : orders.paths)
    plan.readable.push_back(prefix + readable_part(path));
  plan.user = options_.user;
  plan.group = options_.group;
  return plan;
}

size_t LauncherServer::runs_of(size_t row) const {
  return static_cast<size_t>(
      std::count_if(runs_.begin(), runs_.end(), [row](const Run& run) { return run.row == row; }));
}

void LauncherServer::start(ReceivedOrder order) {
  const ProbeOrders& orders = requests_.rows[order.order.row];
  const uint64_t id = order.order.run;
  if (!orders.enabled) return not_started(id, {LaunchStep::kSwitchedOff, EPERM, 0});
  ChildPlan plan;
  plan.sandbox = plan_of(order.order.row, -1);
  const std::string& path = plan.sandbox.program_path;
  const Descriptor program(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (program.get() < 0 || !is_executable_file(program.get())) {
    return not_started(id, {LaunchStep::kOpen, errno, 0});
  }
  const Descriptor request = memory_file("muster-probe-request", orders.request);
  if (request.get() < 0) return not_started(id, {LaunchStep::kRequest, errno, 0});
  const uint64_t milliseconds =
      std::min<uint64_t>(order.order.timeout_milliseconds, orders.timeout_milliseconds);
  // A second above its time: it bounds a program of many threads.
  plan.sandbox.cpu_seconds = (milliseconds + 999) / 1000 + 1;
  plan.sandbox.program = program.get();
  plan.standard = {request.get(), order.output.get(), order.error_output.get()};
  plan.targets = order.targets.get();
  if (looks_at_targets(options_.rows[order.order.row])) {
    if (pace_.get() < 0) pace_ = shared_memory("muster-pace", kPaceBytes);
    if (pace_.get() < 0) return not_started(id, {LaunchStep::kRequest, errno, 0});
    plan.pace = pace_.get();
  }
  plan.arguments = {path};
  plan.require_sandbox = options_.require_sandbox;

  Run run;
  run.id = id;
  run.row = order.order.row;
  ChildFailure failure;
  if (!start_child(plan, calls_, run.child, failure)) return not_started(id, failure);
  run.deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  runs_.push_back(std::move(run));
}

void LauncherServer::not_started(uint64_t run, const ChildFailure& failure) {
  RunReport told;
  told.event = Event::kNotStarted;
  told.run = run;
  told.step = failure.step;
  told.error = failure.error;
  told.code = failure.mechanism;
  report(told);
}

void LauncherServer::kill_overdue() {
  for (Run& run : runs_) {
    if (run.timed_out || Clock::now() < run.deadline) continue;
    run.timed_out = true;
    run.kill_group();
  }
}

// The program itself has ended. Its children are killed before it is reaped, while its id is still
// its own.
void LauncherServer::finish(Run& run) {
  run.kill_group();
  int status = 0;
  rusage used{};
  while (::wait4(run.child.pid, &status, 0, &used) < 0 && errno == EINTR) {
  }
  ChildFailure failure;
  if (read_failure(run.child, failure)) return not_started(run.id, failure);
  RunReport told;
  told.run = run.id;
  told.how = WIFSIGNALED(status) ? RunReport::How::kSignalled : RunReport::How::kExited;
  told.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  if (run.timed_out) told.how = RunReport::How::kTimedOut;
  const auto microseconds = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
  };
  told.processor_microseconds = microseconds(used.ru_utime) + microseconds(used.ru_stime);
  told.peak_kibibytes = static_cast<uint64_t>(used.ru_maxrss);
  report(told);
}

}  // namespace muster::agent
