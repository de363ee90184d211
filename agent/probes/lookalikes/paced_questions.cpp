#include "agent/probes/lookalikes/paced_questions.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace muster::lookalikes {

namespace asio = boost::asio;

asio::awaitable<std::optional<zone::Message>> PacedQuestions::ask(zone::Question question) {
  const Duration now = clock_.uptime();
  const Duration at = std::max(now, next_);
  if (at >= until_) co_return std::nullopt;
  next_ = at + apart_;
  if (at > now) {
    asio::steady_timer timer(co_await asio::this_coro::executor, at - now);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  for (const zone::Way way : {zone::Way::kUdp, zone::Way::kTcp}) {
    const zone::Reply reply = co_await asker_.ask(std::nullopt, question, way);
    if (reply.end != zone::End::kAnswered) co_return std::nullopt;
    if (way == zone::Way::kUdp && zone::is_cut_off(reply.bytes)) continue;
    absl::StatusOr<zone::Message> message = zone::Message::read(reply.bytes, question);
    if (!message.ok()) co_return std::nullopt;
    co_return *std::move(message);
  }
  co_return std::nullopt;
}

}  // namespace muster::lookalikes
