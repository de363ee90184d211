#include "agent/probes/tls/handshake_places.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace muster::tls {

namespace asio = boost::asio;

HandshakePlaces::Place::Place(HandshakePlaces& places, asio::io_context& io)
    : places_(places), held_(std::make_shared<bool>(true)), timer_(io, places.longest_held_) {
  timer_.async_wait([held = held_, &places](const boost::system::error_code& error) {
    if (error || !*held) return;
    *held = false;
    places.give_back();
  });
}

HandshakePlaces::Place::~Place() {
  // Empty where it was moved from.
  if (held_ == nullptr || !*held_) return;
  *held_ = false;
  places_.give_back();
}

asio::awaitable<HandshakePlaces::Place> HandshakePlaces::wait(asio::io_context& io) {
  if (free_ > 0) {
    --free_;
    co_return Place(*this, io);
  }
  const auto waiter = std::make_shared<Waiter>(
      Waiter{.timer = asio::steady_timer(io, asio::steady_timer::time_point::max())});
  waiters_.push_back(waiter);
  while (!waiter->has_place) {
    boost::system::error_code ignored;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return Place(*this, io);
}

void HandshakePlaces::give_back() {
  while (!waiters_.empty()) {
    const std::shared_ptr<Waiter> next = waiters_.front().lock();
    waiters_.pop_front();
    if (next == nullptr) continue;
    next->has_place = true;
    next->timer.cancel();
    return;
  }
  ++free_;
}

}  // namespace muster::tls
