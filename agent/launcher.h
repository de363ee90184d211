// Starts probe programs and sees to their end: the one place where a process is made, and where the
// sandbox goes. It parses nothing of what a probe writes.
//
// A probe gets its request on stdin, an empty environment but for LC_ALL and PATH, "/" as its
// directory, a process group of its own, no other descriptors, resource limits, no way to gain
// privileges, and dies with the agent. At its time-out, at its output limit, and when it has ended,
// whatever is left of its group is killed.
//
// One thread owns it: the one that runs the io_context.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/clock.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

struct LaunchRequest {
  // Absolute.
  std::string program;
  // What the program reads on stdin.
  std::string input;
  Duration timeout = std::chrono::seconds(30);
  // Processor time of the program and of each of its children. Unset it is a second above the
  // time-out, and bounds a program of many threads, and a child that left the process group.
  std::optional<Duration> cpu_limit = {};
  // Bytes of stdout; one more and the program is killed.
  size_t output_limit = 4 << 20;
  // Bytes of stderr that are kept; more is read and dropped.
  size_t error_output_limit = 16 << 10;
};

struct LaunchResult {
  enum class End {
    // It ended; `code` is its exit status.
    kExited,
    // A signal ended it; `code` is the signal.
    kSignalled,
    // It was killed at its limits.
    kTimedOut,
    kTooMuchOutput,
    // It never ran; `error` says why.
    kNotStarted,
  };
  End end = End::kNotStarted;
  int code = 0;
  absl::Status error;
  Duration elapsed{0};
  std::string output;
  std::string error_output;
};

class Launcher {
 public:
  // `context` outlives it.
  explicit Launcher(boost::asio::io_context& context);
  // As stop().
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Starts the program; `done` is called once, later, from the io_context.
  using Done = std::function<void(LaunchResult)>;
  void launch(const LaunchRequest& request, Done done);

  // Kills every group that runs. Their `done` is not called.
  void stop();

 private:
  class Run;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace muster::agent
