#include "agent/launcher/launcher_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <utility>

#include "agent/launcher/memory_file.h"
#include "common/files.h"

namespace muster::agent {
namespace {

using boost::asio::posix::stream_descriptor;

// A program that writes without end must not hold the thread: after this many reads it is somebody
// else's turn.
constexpr int kReadsInTurn = 16;
// From an order to kill to the report of the end.
constexpr std::chrono::seconds kKillTakes(20);

// Reads what there is; at most `limit` bytes are kept, the rest is dropped.
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

absl::Status make_pipe(stream_descriptor& read_end, Descriptor& write_end) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_status(errno, "making a pipe");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  read_end.assign(ends[0]);
  write_end.reset(ends[1]);
  return absl::OkStatus();
}

absl::Status start_error(const RunReport& report) {
  if (report.step == LaunchStep::kSwitchedOff) {
    return absl::FailedPreconditionError(step_name(report.step));
  }
  if (report.step == LaunchStep::kSandbox) {
    const auto mechanism = static_cast<size_t>(report.code);
    return errno_status(
        report.error,
        fmt::format("it does not run without its sandbox (--require-sandbox): {}",
                    mechanism < kMechanismCount ? mechanism_name(static_cast<Mechanism>(mechanism))
                                                : "a part of it"));
  }
  return errno_status(report.error, step_name(report.step));
}

}  // namespace

LauncherRun::LauncherRun(boost::asio::io_context& context, uint64_t id,
                         const LaunchRequest& request, Launcher::Done done, Owner owner)
    : id_(id),
      request_(request),
      done_(std::move(done)),
      owner_(std::move(owner)),
      started_(std::chrono::steady_clock::now()),
      output_(context),
      error_output_(context),
      timer_(context) {
  request_.targets.reset();
}

absl::StatusOr<std::shared_ptr<LauncherRun>> LauncherRun::make(boost::asio::io_context& context,
                                                               uint64_t id,
                                                               const LaunchRequest& request,
                                                               Launcher::Done done, Owner owner) {
  std::shared_ptr<LauncherRun> run(
      new LauncherRun(context, id, request, std::move(done), std::move(owner)));
  if (absl::Status made = make_pipe(run->output_, run->pipes_.output); !made.ok()) return made;
  if (absl::Status made = make_pipe(run->error_output_, run->pipes_.error_output); !made.ok()) {
    return made;
  }
  if (request.targets) {
    run->pipes_.targets = memory_file("muster-targets", *request.targets);
    if (run->pipes_.targets.get() < 0) return errno_status(errno, "keeping the targets in memory");
  }
  return run;
}

Order LauncherRun::order() const {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(request_.timeout).count();
  return {.verb = Verb::kRun,
          .row = static_cast<uint32_t>(request_.row),
          .run = id_,
          .timeout_milliseconds = static_cast<uint64_t>(milliseconds)};
}

void LauncherRun::begin() {
  started_ = std::chrono::steady_clock::now();
  wait_for_output();
  wait_for_error_output();
  timer_.expires_after(request_.timeout);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->done_) self->kill_for(LaunchResult::End::kTimedOut);
  });
}

void LauncherRun::wait_for_output() {
  output_.async_wait(stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || !self->done_) return;
                       switch (self->read_output()) {
                         case ReadEnd::kMoreLater:
                           return self->wait_for_output();
                         case ReadEnd::kPastLimit:
                           return self->kill_for(LaunchResult::End::kTooMuchOutput);
                         case ReadEnd::kEndOfFile:
                           return;
                       }
                     });
}

ReadEnd LauncherRun::read_output() {
  const ReadEnd end =
      read_available(output_.native_handle(), result_.output, request_.output_limit - taken_, true);
  if (request_.take_output && !result_.output.empty()) {
    const size_t taken = std::min(request_.take_output(result_.output), result_.output.size());
    result_.output.erase(0, taken);
    taken_ += taken;
  }
  // Whoever takes it may have had the run forgotten.
  return done_ ? end : ReadEnd::kEndOfFile;
}

void LauncherRun::wait_for_error_output() {
  error_output_.async_wait(stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (error || !self->done_) return;
                             const ReadEnd end = read_available(
                                 self->error_output_.native_handle(), self->result_.error_output,
                                 self->request_.error_output_limit, false);
                             if (end == ReadEnd::kMoreLater) self->wait_for_error_output();
                           });
}

void LauncherRun::kill_for(LaunchResult::End reason) {
  if (!killed_for_) killed_for_ = reason;
  timer_.expires_after(kKillTakes);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->done_) self->owner_.kill_was_not_obeyed();
  });
  owner_.kill(id_);
}

void LauncherRun::finish(const RunReport& report) {
  // What it wrote is in the pipes already, so nobody waits for their end.
  const bool past_limit = read_output() == ReadEnd::kPastLimit;
  read_available(error_output_.native_handle(), result_.error_output, request_.error_output_limit,
                 false);
  switch (report.how) {
    case RunReport::How::kExited:
      result_.end = LaunchResult::End::kExited;
      break;
    case RunReport::How::kSignalled:
      result_.end = LaunchResult::End::kSignalled;
      break;
    case RunReport::How::kTimedOut:
      result_.end = LaunchResult::End::kTimedOut;
      break;
  }
  result_.code = report.code;
  if (past_limit) result_.end = LaunchResult::End::kTooMuchOutput;
  if (killed_for_) result_.end = *killed_for_;
  if (report.event == Event::kNotStarted) {
    result_.end = LaunchResult::End::kNotStarted;
    result_.error = start_error(report);
  }
  end();
}

void LauncherRun::fail(LaunchResult::End end_reason, absl::Status error) {
  result_.end = end_reason;
  result_.error = std::move(error);
  end();
}

void LauncherRun::forget() {
  done_ = nullptr;
  // Lets go of everything, so that the handlers come back and the run can be freed.
  boost::system::error_code ignored;
  timer_.cancel();
  output_.close(ignored);
  error_output_.close(ignored);
  pipes_ = {};
}

void LauncherRun::end() {
  result_.elapsed =
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started_);
  result_.output_bytes = taken_ + result_.output.size();
  const Launcher::Done done = std::move(done_);
  forget();
  if (done) done(std::move(result_));
}

}  // namespace muster::agent
