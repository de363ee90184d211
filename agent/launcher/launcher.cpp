#include "agent/launcher/launcher.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

#include "agent/launcher/launcher_end.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/launcher_run.h"
#include "agent/output/status_text.h"
#include "agent/sync/backoff.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::agent {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

namespace {

using namespace std::chrono_literals;

// From a connection to its hello: systemd may have to start the launcher, which then has the
// configuration read and the sandbox tried out.
constexpr Duration kHelloTakes = 30s;

LauncherFacts facts_of(const Hello& hello) {
  LauncherFacts facts;
  facts.privileged = hello.privileged != 0;
  for (size_t i = 0; i < kMechanismCount; ++i) {
    const std::string_view reason = hello.missing.at(i).data();
    if (reason.empty()) continue;
    facts.missing.push_back({.mechanism = std::string(mechanism_name(static_cast<Mechanism>(i))),
                             .reason = printable(reason)});
  }
  return facts;
}

}  // namespace

class Launcher::State : public std::enable_shared_from_this<Launcher::State> {
 public:
  State(asio::io_context& context, Options options)
      : context_(context), options_(std::move(options)), socket_(context), timer_(context) {}

  void start() {
    if (phase_ == Phase::kIdle) connect();
  }

  uint64_t launch(const LaunchRequest& request, const Done& done) {
    start();
    const uint64_t id = next_run_++;
    auto run = LauncherRun::make(
        context_, id, request, done,
        {.kill = [this](uint64_t killed) { send({.verb = Verb::kKill, .run = killed}); },
         .kill_was_not_obeyed = [this] { lose("it does not answer"); }});
    if (!run.ok()) {
      LaunchResult result;
      result.error = run.status();
      asio::post(context_, [self = shared_from_this(), done, result = std::move(result)] {
        if (self->phase_ != Phase::kStopped) done(result);
      });
    } else if (phase_ == Phase::kGone) {
      fail_later(*run, LaunchResult::End::kLauncherGone, gone_error());
    } else {
      runs_[id] = *run;
      if (phase_ == Phase::kReady) order(**run);
    }
    return id;
  }

  void give_up(uint64_t id) {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return;
    const std::shared_ptr<LauncherRun> run = found->second;
    if (phase_ == Phase::kReady) return run->give_up();
    // Nobody was told to start it.
    runs_.erase(found);
    fail_later(run, LaunchResult::End::kGivenUp, absl::OkStatus());
  }

  void reload() {
    reload_wanted_ = phase_ == Phase::kGreeting;
    send({.verb = Verb::kReload});
  }

  void stop() {
    phase_ = Phase::kStopped;
    close();
    for (const auto& [id, run] : std::exchange(runs_, {}))
      run->forget();
    if (child_ >= 0) reap_launcher(std::exchange(child_, -1));
  }

  const std::optional<LauncherFacts>& facts() const { return facts_; }

 private:
  // kGreeting: connected, and its hello is awaited; orders wait for it too.
  enum class Phase { kIdle, kGreeting, kReady, kGone, kStopped };

  // In a handler of its own: whoever waits for a run may launch the next from there.
  void fail_later(const std::shared_ptr<LauncherRun>& run, LaunchResult::End end,
                  const absl::Status& error) {
    asio::post(context_, [self = shared_from_this(), run, end, error] {
      if (self->phase_ != Phase::kStopped) run->fail(end, error);
    });
  }

  absl::Status gone_error() const {
    return absl::UnavailableError(fmt::format("the launcher is gone: {}", why_gone_));
  }

  void connect() {
    absl::StatusOr<LauncherLink> link = options_.connect();
    phase_ = Phase::kGreeting;
    if (!link.ok()) return lose(std::string(text_of(link.status())));
    child_ = link->child;
    socket_.assign(link->socket.release());
    wait_for_events();
    timer_.expires_after(kHelloTakes);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->phase_ == Phase::kGreeting) self->lose("it does not say hello");
    });
  }

  void wait_for_events() {
    socket_.async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error && self->is_connected()) self->read_events();
                       });
  }

  bool is_connected() const { return phase_ == Phase::kGreeting || phase_ == Phase::kReady; }

  void read_events() {
    while (is_connected()) {
      ReceivedEvent event;
      switch (read_event(socket_.native_handle(), event)) {
        case Received::kNothingYet:
          return wait_for_events();
        case Received::kMessage:
          take(event);
          break;
        case Received::kBroken:
          return lose("it is of another version: restart both");
        case Received::kEnd:
          return lose("");
      }
    }
  }

  void take(const ReceivedEvent& event) {
    if (event.event == Event::kHello) return greet(event.hello);
    const auto found = runs_.find(event.report.run);
    if (found == runs_.end()) return;
    const std::shared_ptr<LauncherRun> run = found->second;
    runs_.erase(found);
    run->finish(event.report);
  }

  void greet(const Hello& hello) {
    if (hello.protocol != kLauncherProtocol || hello.table != options_.table) {
      return lose("it is of another version: restart both");
    }
    timer_.cancel();
    phase_ = Phase::kReady;
    failures_ = 0;
    facts_ = facts_of(hello);
    // It may have read the configuration before that changed.
    if (std::exchange(reload_wanted_, false)) reload();
    const auto waiting = runs_;
    for (const auto& [id, run] : waiting) {
      if (phase_ != Phase::kReady || !order(*run)) break;
    }
    settle();
  }

  void settle() {
    if (!std::exchange(is_settled_, true) && options_.settled) options_.settled();
  }

  // False: the launcher is gone, and with it the run.
  bool order(LauncherRun& run) {
    const RunPipes pipes = run.take_pipes();
    if (!send_order(socket_.native_handle(), run.order(),
                    {.output = pipes.output.get(),
                     .error_output = pipes.error_output.get(),
                     .targets = pipes.targets.get()})) {
      lose("it takes no orders");
      return false;
    }
    run.begin();
    return true;
  }

  void send(const Order& given) {
    if (phase_ != Phase::kReady) return;
    if (!send_order(socket_.native_handle(), given)) lose("it takes no orders");
  }

  void close() {
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

  // `why` is empty where its end should say.
  void lose(std::string why) {
    const bool greeted = phase_ == Phase::kReady;
    close();
    std::optional<int> status;
    if (child_ >= 0) status = reap_launcher(std::exchange(child_, -1));
    why_gone_ = why.empty() ? describe_launcher_end(status) : std::move(why);
    phase_ = Phase::kGone;
    const Duration delay = backoff_delay(++failures_, options_.random());
    timer_.expires_after(delay);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->phase_ == Phase::kGone) self->connect();
    });
    log_warning(
        "the launcher is gone, no probe runs until there is another",
        {{"error", why_gone_},
         {"retry_in_ms", std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()}});
    for (const auto& [id, run] : std::exchange(runs_, {}))
      fail_later(run, LaunchResult::End::kLauncherGone, gone_error());
    const bool refused = status && another_would_be_refused(*status);
    if (refused && !greeted && options_.refused) return options_.refused(WEXITSTATUS(*status));
    settle();
  }

  asio::io_context& context_;
  const Options options_;
  Phase phase_ = Phase::kIdle;
  stream_descriptor socket_;
  // For the hello, and until the next attempt.
  asio::steady_timer timer_;
  pid_t child_ = -1;
  unsigned failures_ = 0;
  std::string why_gone_;
  std::optional<LauncherFacts> facts_;
  bool reload_wanted_ = false;
  bool is_settled_ = false;
  uint64_t next_run_ = 1;
  // Ordered, or waiting for the hello.
  std::map<uint64_t, std::shared_ptr<LauncherRun>> runs_;
};

Launcher::Launcher(asio::io_context& context, Options options)
    : state_(std::make_shared<State>(context, std::move(options))) {}

Launcher::~Launcher() {
  stop();
}

void Launcher::start() {
  state_->start();
}

uint64_t Launcher::launch(const LaunchRequest& request, const Done& done) {
  return state_->launch(request, done);
}

void Launcher::give_up(uint64_t run) {
  state_->give_up(run);
}

void Launcher::reload() {
  state_->reload();
}

const std::optional<LauncherFacts>& Launcher::facts() const {
  return state_->facts();
}

void Launcher::stop() {
  state_->stop();
}

}  // namespace muster::agent
