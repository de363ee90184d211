#include "agent/launcher.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <optional>
#include <set>
#include <utility>

#include "agent/child_process.h"
#include "common/files.h"

namespace muster::agent {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

namespace {

// A program that writes without end must not hold the thread: after this many reads it is somebody
// else's turn.
constexpr int kReadsInTurn = 16;

// Reads what there is; at most `limit` bytes are kept, the rest is dropped.
enum class ReadEnd { kMoreLater, kEndOfFile, kPastLimit };
ReadEnd read_available(int descriptor, std::string& kept, size_t limit, bool stop_at_limit) {
  std::array<char, 1 << 16> block;
  for (int reads = 0; reads < kReadsInTurn; ++reads) {
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN ? ReadEnd::kMoreLater : ReadEnd::kEndOfFile;
    if (count == 0) return ReadEnd::kEndOfFile;
    const size_t room = limit - kept.size();
    const size_t size = std::min(room, static_cast<size_t>(count));
    kept.append(block.data(), size);
    if (stop_at_limit && size < static_cast<size_t>(count)) return ReadEnd::kPastLimit;
  }
  return ReadEnd::kMoreLater;
}

}  // namespace

struct Launcher::State {
  asio::io_context& context;
  // Shared with the handlers that wait for the run: a run lives until its last handler is done.
  std::set<std::shared_ptr<Run>> runs;
};

// One program from its start to its end. Handlers hold it by shared_ptr.
class Launcher::Run : public std::enable_shared_from_this<Launcher::Run> {
 public:
  Run(State& state, const LaunchRequest& request, Done done, ChildProcess child)
      : state_(state),
        output_limit_(request.output_limit),
        error_output_limit_(request.error_output_limit),
        done_(std::move(done)),
        pid_(child.pid),
        started_(std::chrono::steady_clock::now()),
        ended_(state.context, child.ended.release()),
        output_(state.context, child.output.release()),
        error_output_(state.context, child.error_output.release()),
        exec_failure_(std::move(child.exec_failure)),
        timer_(state.context, request.timeout) {}

  void start() {
    wait_for_output();
    wait_for_error_output();
    ended_.async_wait(stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (!error) self->finish();
                      });
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->kill_for(LaunchResult::End::kTimedOut);
    });
  }

  void kill_group() const { ::kill(-pid_, SIGKILL); }

  // Lets go of everything, so that the handlers come back and the run can be freed.
  void cancel() {
    boost::system::error_code ignored;
    timer_.cancel();
    ended_.close(ignored);
    output_.close(ignored);
    error_output_.close(ignored);
  }

 private:
  void kill_for(LaunchResult::End reason) {
    if (!killed_for_) killed_for_ = reason;
    kill_group();
  }

  void wait_for_output() {
    output_.async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error) return;
                         switch (read_available(self->output_.native_handle(), self->result_.output,
                                                self->output_limit_, true)) {
                           case ReadEnd::kMoreLater:
                             return self->wait_for_output();
                           case ReadEnd::kPastLimit:
                             return self->kill_for(LaunchResult::End::kTooMuchOutput);
                           case ReadEnd::kEndOfFile:
                             return;
                         }
                       });
  }

  void wait_for_error_output() {
    error_output_.async_wait(stream_descriptor::wait_read,
                             [self = shared_from_this()](const boost::system::error_code& error) {
                               if (error) return;
                               const ReadEnd end = read_available(
                                   self->error_output_.native_handle(), self->result_.error_output,
                                   self->error_output_limit_, false);
                               if (end == ReadEnd::kMoreLater) self->wait_for_error_output();
                             });
  }

  // The program itself has ended. Its children are killed before it is reaped, while its id is
  // still its own; what it wrote is in the pipes already, so nobody waits for their end.
  void finish() {
    kill_group();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    const bool past_limit = read_available(output_.native_handle(), result_.output, output_limit_,
                                           true) == ReadEnd::kPastLimit;
    read_available(error_output_.native_handle(), result_.error_output, error_output_limit_, false);
    result_.elapsed =
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started_);
    result_.end = WIFSIGNALED(status) ? LaunchResult::End::kSignalled : LaunchResult::End::kExited;
    result_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    if (past_limit) result_.end = LaunchResult::End::kTooMuchOutput;
    if (killed_for_) result_.end = *killed_for_;
    ExecFailure failure;
    if (::read(exec_failure_.get(), &failure, sizeof failure) == sizeof failure) {
      result_.end = LaunchResult::End::kNotStarted;
      result_.error = errno_status(failure.error, step_name(failure.step));
    }
    cancel();
    state_.runs.erase(shared_from_this());
    std::exchange(done_, nullptr)(std::move(result_));
  }

  State& state_;
  const size_t output_limit_;
  const size_t error_output_limit_;
  Done done_;
  const pid_t pid_;
  const std::chrono::steady_clock::time_point started_;
  stream_descriptor ended_;
  stream_descriptor output_;
  stream_descriptor error_output_;
  Descriptor exec_failure_;
  asio::steady_timer timer_;
  std::optional<LaunchResult::End> killed_for_;
  LaunchResult result_;
};

Launcher::Launcher(asio::io_context& context) : state_(new State{context, {}}) {}

Launcher::~Launcher() {
  stop();
}

void Launcher::launch(const LaunchRequest& request, Done done) {
  absl::StatusOr<ChildProcess> child =
      start_child(request.program, request.input,
                  request.cpu_limit.value_or(request.timeout + std::chrono::seconds(1)));
  if (!child.ok()) {
    LaunchResult result;
    result.error = child.status();
    asio::post(state_->context,
               [done = std::move(done), result = std::move(result)] { done(result); });
    return;
  }
  auto run = std::make_shared<Run>(*state_, request, std::move(done), *std::move(child));
  state_->runs.insert(run);
  run->start();
}

void Launcher::stop() {
  for (const std::shared_ptr<Run>& run : std::exchange(state_->runs, {})) {
    run->kill_group();
    run->cancel();
  }
}

}  // namespace muster::agent
