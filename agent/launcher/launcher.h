// The agent's end of the launcher (agent/launcher_program/), the process that starts probes: orders
// runs, collects what they write, bounds it, and says how each ended. It parses nothing of what a
// probe writes.
//
// Beside the launcher's own limits it has a time-out and an output limit: past these the launcher
// is told to kill. When the launcher is gone, so are all its probes: their runs end with
// kLauncherGone, and another is connected to after a while.
//
// One thread owns it: the one that runs the io_context.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/launcher/launcher_link.h"
#include "common/clock.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

struct LaunchRequest {
  // Of the table that the launcher has, too.
  size_t row = 0;
  // Where the program should be, for what is said of it.
  std::string program;
  Duration timeout = std::chrono::seconds(30);
  // Bytes of stdout, taken or not; one more and the program is killed.
  size_t output_limit = 4 << 20;
  // Bytes of stderr that are kept; more is read and dropped.
  size_t error_output_limit = 16 << 10;
  // Of a row that is given memory, and only of such: which targets, a serialized
  // muster.v1.TargetBatch, or its muster.v1.GivenSections. At most most_runs of the row run at
  // once, or the launcher ends the connection.
  std::optional<std::string> targets = std::nullopt;
  // Where what it writes is wanted before its end: called with what has come and was not taken yet,
  // for how many bytes of it are taken. LaunchResult has the rest.
  std::function<size_t(std::string_view output)> take_output = nullptr;
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
    // It was killed because nobody wants it any more.
    kGivenUp,
    // It never ran; `error` says why.
    kNotStarted,
    // Nobody could start it, or see to its end; `error` says why.
    kLauncherGone,
  };
  End end = End::kNotStarted;
  int code = 0;
  absl::Status error;
  Duration elapsed{0};
  // What was not taken before, and all that there was.
  std::string output;
  size_t output_bytes = 0;
  std::string error_output;
};

// What the launcher can do for probes on this host.
struct LauncherFacts {
  // Whether probes are given what only root may do.
  bool privileged = false;
  struct Gap {
    std::string mechanism;
    std::string reason;
  };
  // Parts of the sandbox that they run without.
  std::vector<Gap> missing;
};

class Launcher {
 public:
  struct Options {
    // Makes a connection to a launcher of the same table; called again when the last is gone.
    ConnectLauncher connect;
    // Of table_digest: what row indexes mean.
    uint64_t table = 0;
    // Numbers in [0, 1), for the time between attempts.
    std::function<double()> random = [] { return 0.5; };
    // Called when a launcher of one's own ends before its hello because its configuration is not
    // good, or a part of the sandbox is missing and required: with its exit status.
    std::function<void(int)> refused = nullptr;
    // Called once: when the first launcher has said hello, or is known not to, and another will be
    // tried later.
    std::function<void()> settled = nullptr;
  };
  // `context` outlives it.
  Launcher(boost::asio::io_context& context, Options options);
  // As stop().
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Connects now rather than at the first launch.
  void start();
  // Has a row's program run; `done` is called once, later, from the io_context. The run's number.
  using Done = std::function<void(LaunchResult)>;
  uint64_t launch(const LaunchRequest& request, const Done& done);
  // Has a run killed, whose `done` follows. One that has ended meanwhile is no mistake.
  void give_up(uint64_t run);
  // Has the launcher read its configuration again, before any run that is launched from here on.
  void reload();
  // Unset until the launcher has said hello; then what the last one said.
  const std::optional<LauncherFacts>& facts() const;

  // Lets go of the launcher, which kills everything that runs. The `done` of these are not called.
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace muster::agent
