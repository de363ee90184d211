// How many handshakes of one run begin together. What OpenSSL holds for one is 40 KiB, and a
// thousand that begin at once would hold it for as long as the one thread needs for all of them.
// Whoever is not done after a moment gives up its place and goes on: servers that are slow or
// silent keep none from others, and 200 begin in a second where all are, twice as many as the usual
// pace lets dial. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>

#include "common/clock.h"

namespace muster::tls {

class HandshakePlaces {
 public:
  static constexpr size_t kMost = 12;
  static constexpr Duration kLongestHeld = std::chrono::milliseconds(60);

  explicit HandshakePlaces(size_t most = kMost, Duration longest_held = kLongestHeld)
      : free_(most), longest_held_(longest_held) {}
  HandshakePlaces(const HandshakePlaces&) = delete;
  HandshakePlaces& operator=(const HandshakePlaces&) = delete;

  // Given back at its end, or before by its timer.
  class Place {
   public:
    Place(HandshakePlaces& places, boost::asio::io_context& io);
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    HandshakePlaces& places_;
    // Shared with the timer's handler, which may come when the place has been given back.
    std::shared_ptr<bool> held_;
    boost::asio::steady_timer timer_;
  };

  // In the order of their calls. It and the places outlive the io_context's handlers.
  boost::asio::awaitable<Place> wait(boost::asio::io_context& io);
  size_t free() const { return free_; }

 private:
  struct Waiter {
    boost::asio::steady_timer timer;
    bool has_place = false;
  };
  void give_back();

  size_t free_;
  const Duration longest_held_;
  // Of coroutines that wait; one that was destroyed waits no more.
  std::deque<std::weak_ptr<Waiter>> waiters_;
};

}  // namespace muster::tls
