// PaceQueue with somebody who waits: a coroutine is resumed when it may dial. One thread owns it;
// it outlives who waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <optional>

#include "agent/probes/network/boottime_timer.h"
#include "agent/probes/network/pace_queue.h"

namespace muster::network_probe {

class Turns {
 public:
  // Held while what it allows is under way.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    Turns* turns_;
  };

  Turns(boost::asio::io_context& io, const Pace& pace, const Clock& clock);

  // Unset if it was not its turn until then, an uptime.
  boost::asio::awaitable<std::optional<Turn>> wait(boost::asio::ip::address address,
                                                   Duration until);

 private:
  struct Waiter {
    BoottimeTimer timer;
    bool has_turn = false;
  };
  void let_go();

  boost::asio::io_context& io_;
  const Clock& clock_;
  PaceQueue queue_;
  PaceQueue::Id next_ = 0;
  // Of coroutines that wait.
  std::map<PaceQueue::Id, Waiter*> waiters_;
  BoottimeTimer next_turn_;
};

}  // namespace muster::network_probe
