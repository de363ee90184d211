#include "agent/probes/zone/side_by_side.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace muster::zone {

namespace asio = boost::asio;

asio::awaitable<void> side_by_side(std::vector<asio::awaitable<void>> all) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer done(executor, asio::steady_timer::time_point::max());
  size_t left = all.size();
  for (asio::awaitable<void>& one : all) {
    asio::co_spawn(executor, std::move(one), [&left, &done](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
      if (--left == 0) done.cancel();
    });
  }
  while (left > 0) {
    boost::system::error_code ignored;
    co_await done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace muster::zone
