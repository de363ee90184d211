// Makes the looks of one run: each begins at its time, hundreds at once, on one thread. A slow
// target costs its own time and nobody else's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/network/boottime_timer.h"
#include "agent/probes/network/look.h"
#include "agent/probes/network/look_request.h"
#include "agent/probes/network/name_resolver.h"
#include "agent/probes/network/turns.h"
#include "muster/v1/section.pb.h"

namespace muster::network_probe {

// The probe's own part: dials by the look alone. Unset: nothing is to be said, since the lease
// ended.
using LookFunction = std::function<boost::asio::awaitable<std::optional<v1::Section>>(Look& look)>;
// Gets each section as its look ends.
using TakeSection = std::function<void(const v1::Section& section)>;

// One that waits costs 11 KiB: of those that are due together so many are begun, and another where
// one has ended. Where none ends for a moment they are slow, or wait for their turn, and as many
// more are begun: nobody waits for them.
class LookRunner {
 public:
  static constexpr size_t kBegunTogether = 64;
  static constexpr Duration kMoment = std::chrono::milliseconds(100);

  // What it is given; all of it outlives it.
  struct Parts {
    boost::asio::io_context& io;
    const LookRules& rules;
    Pace pace;
    const Clock& clock;
    LookFunction look;
    // Null for a probe that needs none.
    const agent::Credentials* credentials;
    // "tcp": the sections' probe.
    std::string_view probe;
  };

  LookRunner(const Parts& parts, NameResolver::Sources sources, TakeSection take);

  // Until the last one has ended: runs the io_context, and stops it.
  void run(std::vector<RequestedLook> looks);

 private:
  boost::asio::awaitable<void> begin_all();
  // Until another may begin beside those that are under way.
  boost::asio::awaitable<void> wait_for_room();
  boost::asio::awaitable<void> make(const RequestedLook& look);
  // Unset where the lease ended before it was made.
  boost::asio::awaitable<std::optional<v1::Section>> section_of(const RequestedLook& look);

  const Parts parts_;
  const TakeSection take_;
  Turns turns_;
  NameResolver resolver_;
  std::vector<RequestedLook> looks_;
  size_t unfinished_ = 0;
  size_t begun_ = 0;
  size_t most_under_way_ = kBegunTogether;
  // Ends early where a look does.
  BoottimeTimer room_;
  // What was due before is due then.
  Duration run_began_{0};
};

}  // namespace muster::network_probe
