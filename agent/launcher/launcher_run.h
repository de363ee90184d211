// One run of a probe, as the agent sees it: two pipes, what came through them, and what it was
// killed for. Handlers hold it by shared_ptr, for a run lives until its last handler is done. The
// thread of the io_context.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"

namespace muster::agent {

// The ends that a probe writes to, and what it reads its targets from.
struct RunPipes {
  Descriptor output;
  Descriptor error_output;
  Descriptor targets;
};

// What a read of a pipe came to.
enum class ReadEnd { kMoreLater, kEndOfFile, kPastLimit };

class LauncherRun : public std::enable_shared_from_this<LauncherRun> {
 public:
  // What a run asks of its owner.
  struct Owner {
    // To have it killed.
    std::function<void(uint64_t run)> kill;
    // Nothing was heard of it since.
    std::function<void()> kill_was_not_obeyed;
  };

  static absl::StatusOr<std::shared_ptr<LauncherRun>> make(boost::asio::io_context& context,
                                                           uint64_t id,
                                                           const LaunchRequest& request,
                                                           Launcher::Done done, Owner owner);

  uint64_t id() const { return id_; }
  Order order() const;
  // To be passed on, and closed then.
  RunPipes take_pipes() { return std::move(pipes_); }

  // It was ordered: its time begins.
  void begin();
  // Has it killed, because nobody wants it any more.
  void give_up() { kill_for(LaunchResult::End::kGivenUp); }
  // It is over; `done` is called from here, and nothing else happens.
  void finish(const RunReport& report);
  void fail(LaunchResult::End end, absl::Status error);
  // As if it had never been: `done` is not called.
  void forget();

 private:
  LauncherRun(boost::asio::io_context& context, uint64_t id, const LaunchRequest& request,
              Launcher::Done done, Owner owner);
  void wait_for_output();
  // Reads what there is, and has it taken.
  ReadEnd read_output();
  void wait_for_error_output();
  void kill_for(LaunchResult::End reason);
  void end();

  const uint64_t id_;
  // Its targets are in the pipes.
  LaunchRequest request_;
  Launcher::Done done_;
  Owner owner_;
  RunPipes pipes_;
  std::chrono::steady_clock::time_point started_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::posix::stream_descriptor error_output_;
  boost::asio::steady_timer timer_;
  std::optional<LaunchResult::End> killed_for_;
  LaunchResult result_;
  // Bytes of output that were taken.
  size_t taken_ = 0;
};

}  // namespace muster::agent
