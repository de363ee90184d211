#include "agent/probes/network/turns.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace muster::network_probe {

namespace asio = boost::asio;

Turns::Turn::~Turn() {
  if (turns_ == nullptr) return;
  turns_->queue_.ended();
  turns_->let_go();
}

Turns::Turns(asio::io_context& io, const Pace& pace, const Clock& clock)
    : io_(io), clock_(clock), queue_(pace), next_turn_(io) {}

asio::awaitable<std::optional<Turns::Turn>> Turns::wait(asio::ip::address address, Duration until) {
  const PaceQueue::Id id = next_++;
  Waiter waiter{BoottimeTimer(io_)};
  waiters_[id] = &waiter;
  // Before it is let go, which cancels it.
  waiter.timer.expires_after(until - clock_.uptime());
  queue_.add(id, address, clock_.uptime());
  let_go();
  if (!waiter.has_turn) {
    boost::system::error_code ignored;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  waiters_.erase(id);
  if (waiter.has_turn) co_return Turn(*this);
  queue_.remove(id);
  co_return std::nullopt;
}

void Turns::let_go() {
  const Duration now = clock_.uptime();
  while (const std::optional<PaceQueue::Id> id = queue_.take(now)) {
    Waiter& waiter = *waiters_.at(*id);
    waiter.has_turn = true;
    waiter.timer.cancel();
  }
  const std::optional<Duration> next = queue_.next_turn();
  if (!next) return;
  next_turn_.expires_after(*next - now);
  next_turn_.async_wait([this](const boost::system::error_code& error) {
    if (!error) let_go();
  });
}

}  // namespace muster::network_probe
