#include "agent/launcher_program/server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agent/launcher/memory_file.h"
#include "agent/launcher_program/log.h"
#include "agent/sandbox/landlock_rules.h"

namespace muster::agent {
namespace {

using Clock = std::chrono::steady_clock;

// Orders of one agent before somebody else has a turn.
constexpr int kOrdersInTurn = 16;

Descriptor take_signals() {
  sigset_t taken;
  ::sigemptyset(&taken);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    ::sigaddset(&taken, signal);
  ::sigprocmask(SIG_BLOCK, &taken, nullptr);
  return Descriptor(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool is_executable_file(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return false;
  errno = EACCES;
  return S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

void kill_group(pid_t group) {
  ::kill(-group, SIGKILL);
}

}  // namespace

LauncherServer::LauncherServer(ServerOptions options, SystemCalls& calls)
    : options_(std::move(options)), calls_(calls), connection_(options_.connection) {
  if (connection_.get() >= 0) ::fcntl(connection_.get(), F_SETFL, O_NONBLOCK);
}

// Whoever still runs dies with this process.
LauncherServer::~LauncherServer() {
  for (const Run& run : runs_)
    kill_group(run.child.pid);
}

int LauncherServer::serve() {
  signals_ = take_signals();
  if (!load_requests()) return kConfigRefused;
  find_missing();
  const bool any_missing = std::any_of(hello_.missing.begin(), hello_.missing.end(),
                                       [](const auto& text) { return text[0] != '\0'; });
  if (any_missing && options_.require_sandbox) {
    say("error", "no probe runs without all that should hold it, as --require-sandbox says");
    return kSandboxRefused;
  }
  if (connection_.get() >= 0 && !send_hello(connection_.get(), hello_)) return 0;
  options_.manager.ready("serving the agent's orders");
  do {
    show_life();
  } while (turn());
  options_.manager.stopping("ending the probes that run");
  return 0;
}

// Only from the loop: whoever hangs in it says nothing, and systemd starts another.
void LauncherServer::show_life() {
  if (options_.life_interval.count() == 0 || Clock::now() < next_life_) return;
  options_.manager.alive();
  next_life_ = Clock::now() + options_.life_interval;
}

bool LauncherServer::load_requests() {
  RequestTable table;
  std::string why;
  if (!options_.read_requests(table, why)) {
    say("error", "the configuration is not taken", {{"error", why}});
    return false;
  }
  if (table.probe_directory.empty()) table.probe_directory = options_.probe_directory;
  requests_ = std::move(table);
  return true;
}

void LauncherServer::find_missing() {
  hello_.table = table_digest(options_.rows);
  hello_.privileged = options_.privileged ? 1 : 0;
  const Descriptor self(::open("/proc/self/exe", O_PATH | O_CLOEXEC));
  for (size_t row = 0; row < options_.rows.size(); ++row) {
    const auto missing = try_sandbox(plan_of(row, self.get()), calls_);
    for (size_t i = 0; i < kMechanismCount; ++i) {
      if (hello_.missing.at(i)[0] == '\0') hello_.missing.at(i) = missing.at(i);
    }
  }
  auto& user = hello_.missing.at(static_cast<size_t>(Mechanism::kUser));
  if (!options_.user && !options_.no_user.empty()) {
    std::snprintf(user.data(), user.size(), "%s", options_.no_user.c_str());
  }
  for (size_t i = 0; i < kMechanismCount; ++i) {
    if (hello_.missing.at(i)[0] == '\0') continue;
    if (options_.quiet && !options_.require_sandbox) continue;
    say(options_.require_sandbox ? "error" : "warning",
        "probes run without a part of their sandbox",
        {{"mechanism", mechanism_name(static_cast<Mechanism>(i))},
         {"reason", hello_.missing.at(i).data()}});
  }
}

SandboxPlan LauncherServer::plan_of(size_t row, int program) const {
  const ProbeRow& probe = options_.rows[row];
  const ProbeOrders& orders = requests_.rows[row];
  const std::string prefix = options_.root == "/" ? "" : options_.root;
  SandboxPlan plan;
  plan.program = program;
  plan.program_path = requests_.probe_directory + "/" + std::string(probe.program);
  plan.declaration = probe.sandbox;
  for (const std::string_view path : probe.sandbox.readable)
    plan.readable.push_back(prefix + std::string(path));
  for (const std::string& path : orders.paths)
    plan.readable.push_back(prefix + readable_part(path));
  plan.user = options_.user;
  plan.group = options_.group;
  return plan;
}

bool LauncherServer::turn() {
  std::vector<pollfd> polled;
  polled.push_back({.fd = signals_.get(), .events = POLLIN, .revents = 0});
  // The next agent is heard once all that the last one started is gone.
  const int accepting = runs_.empty() ? options_.listener : -1;
  polled.push_back({.fd = connection_.get() >= 0 ? connection_.get() : accepting,
                    .events = POLLIN,
                    .revents = 0});
  for (const Run& run : runs_)
    polled.push_back({.fd = run.child.ended.get(), .events = POLLIN, .revents = 0});
  if (::poll(polled.data(), polled.size(), milliseconds_to_next_deadline()) < 0) {
    return errno == EINTR;
  }
  if (polled[0].revents != 0 && !handle_signal()) return false;
  // Ends before orders: a run's id is free again once its end was told.
  for (size_t i = 0, run = 0; i + 2 < polled.size(); ++i) {
    if (polled[i + 2].revents == 0) {
      ++run;
      continue;
    }
    finish(runs_[run]);
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(run));
  }
  kill_overdue();
  if (polled[1].revents == 0) return true;
  if (connection_.get() < 0) {
    accept_agent();
    return true;
  }
  if (handle_orders()) return true;
  drop_connection();
  return options_.listener >= 0;
}

bool LauncherServer::handle_signal() {
  signalfd_siginfo signal{};
  if (::read(signals_.get(), &signal, sizeof signal) != sizeof signal) return true;
  if (signal.ssi_signo != SIGHUP) return false;
  load_requests();
  return true;
}

void LauncherServer::accept_agent() {
  Descriptor peer(::accept4(options_.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (peer.get() < 0) return;
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 ||
      who.uid != options_.agent_user) {
    say("warning", "a connection of another user than the agent's was closed",
        {{"uid", std::to_string(who.uid)}, {"pid", std::to_string(who.pid)}});
    return;
  }
  connection_ = std::move(peer);
  if (!send_hello(connection_.get(), hello_)) drop_connection();
}

bool LauncherServer::handle_orders() {
  for (int i = 0; i < kOrdersInTurn; ++i) {
    ReceivedOrder order;
    const char* complaint = nullptr;
    const Received received = read_order(connection_.get(), options_.rows, order, complaint);
    if (received == Received::kNothingYet) return true;
    if (received == Received::kEnd) return false;
    const bool is_slow = order.order.verb == Verb::kReload;
    if (received == Received::kMessage) complaint = follow(std::move(order));
    if (complaint != nullptr) {
      say("error", "the connection is closed: no agent gives such orders", {{"error", complaint}});
      return false;
    }
    // Ten seconds may be over: runs at their limit, and systemd, wait for a turn.
    if (is_slow) return true;
  }
  return true;
}

// Null, or why no agent would give it.
const char* LauncherServer::follow(ReceivedOrder order) {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [&order](const Run& run) { return run.id == order.order.run; });
  switch (order.order.verb) {
    case Verb::kRun:
      if (found != runs_.end()) return "two runs at once with one id";
      if (runs_of(order.order.row) >= most_runs(options_.rows[order.order.row])) {
        return "too many runs of a probe at once";
      }
      start(std::move(order));
      break;
    case Verb::kKill:
      if (found != runs_.end()) kill_group(found->child.pid);
      break;
    case Verb::kReload:
      load_requests();
      break;
  }
  return nullptr;
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
    kill_group(run.child.pid);
  }
}

// The program itself has ended. Its children are killed before it is reaped, while its id is still
// its own.
void LauncherServer::finish(Run& run) {
  kill_group(run.child.pid);
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

void LauncherServer::drop_connection() {
  connection_.reset(-1);
  for (const Run& run : runs_)
    kill_group(run.child.pid);
}

void LauncherServer::report(const RunReport& report) {
  // Of an agent that is gone; one that does not listen is at its end too.
  if (connection_.get() >= 0 && !send_report(connection_.get(), report)) {
    ::shutdown(connection_.get(), SHUT_RDWR);
  }
}

int LauncherServer::milliseconds_to_next_deadline() const {
  constexpr auto kNever = Clock::time_point::max();
  auto next = options_.life_interval.count() == 0 ? kNever : next_life_;
  for (const Run& run : runs_) {
    if (!run.timed_out) next = std::min(next, run.deadline);
  }
  if (next == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

}  // namespace muster::agent
