#include "agent/launcher_program/server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agent/launcher_program/log.h"

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

}  // namespace

LauncherServer::LauncherServer(ServerOptions options, SystemCalls& calls)
    : options_(std::move(options)), calls_(calls), connection_(options_.connection) {
  if (connection_.get() >= 0) ::fcntl(connection_.get(), F_SETFL, O_NONBLOCK);
}

// Whoever still runs dies with this process.
LauncherServer::~LauncherServer() {
  for (const Run& run : runs_)
    run.kill_group();
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
      if (found != runs_.end()) found->kill_group();
      break;
    case Verb::kReload:
      load_requests();
      break;
  }
  return nullptr;
}

void LauncherServer::drop_connection() {
  connection_.reset(-1);
  for (const Run& run : runs_)
    run.kill_group();
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
