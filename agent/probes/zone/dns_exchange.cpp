#include "agent/probes/zone/dns_exchange.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>
#include <variant>

namespace muster::zone {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using asio::redirect_error;
using asio::use_awaitable;

Reply reply_of(End end, std::string why) {
  return {.end = end, .why = std::move(why), .bytes = {}};
}

Reply reply_of(const boost::system::error_code& error) {
  namespace errors = boost::asio::error;
  if (error == errors::eof || error == errors::connection_reset || error == errors::broken_pipe)
    return reply_of(End::kUnreachable, "it ended the connection without an answer");
  if (error == errors::no_descriptors || error == errors::no_memory ||
      error == errors::no_buffer_space || error == errors::access_denied) {
    return reply_of(End::kNotAsked, error.message());
  }
  if (error == errors::timed_out) return reply_of(End::kTimedOut, "no answer came in time");
  return reply_of(End::kUnreachable, error.message());
}

bool is_for(std::string_view answer, std::string_view question) {
  return answer.size() >= 2 && answer.substr(0, 2) == question.substr(0, 2);
}

asio::awaitable<Reply> udp_answer(const Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  ip::udp::socket socket(executor);
  boost::system::error_code error;
  const ip::udp::endpoint server(exchange.address, exchange.port);
  // Connected: what others send does not arrive, and what its host says of the port does. The
  // kernel takes a port by chance.
  socket.open(server.protocol(), error);
  if (!error) socket.connect(server, error);
  if (error) co_return reply_of(error);
  co_await socket.async_send(asio::buffer(exchange.question), redirect_error(use_awaitable, error));
  if (error) co_return reply_of(error);
  Reply reply{.end = End::kAnswered, .why = {}, .bytes = {}};
  do {
    reply.bytes.resize(kLargestMessage);
    const size_t size = co_await socket.async_receive(asio::buffer(reply.bytes),
                                                      redirect_error(use_awaitable, error));
    if (error) co_return reply_of(error);
    reply.bytes.resize(size);
  } while (!is_for(reply.bytes, exchange.question));
  co_return reply;
}

asio::awaitable<Reply> tcp_answer(const Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  ip::tcp::socket socket(executor);
  boost::system::error_code error;
  const ip::tcp::endpoint server(exchange.address, exchange.port);
  co_await socket.async_connect(server, redirect_error(use_awaitable, error));
  if (error) co_return reply_of(error);
  // RFC 1035, section 4.2.2: its length comes first.
  const size_t asked = exchange.question.size();
  std::string framed{static_cast<char>(asked >> 8U), static_cast<char>(asked & 0xffU)};
  framed += exchange.question;
  co_await asio::async_write(socket, asio::buffer(framed), redirect_error(use_awaitable, error));
  if (error) co_return reply_of(error);
  std::array<unsigned char, 2> length{};
  co_await asio::async_read(socket, asio::buffer(length), redirect_error(use_awaitable, error));
  if (error) co_return reply_of(error);
  Reply reply{.end = End::kAnswered, .why = {}, .bytes = {}};
  reply.bytes.resize(static_cast<size_t>(length[0]) << 8U | length[1]);
  co_await asio::async_read(socket, asio::buffer(reply.bytes),
                            redirect_error(use_awaitable, error));
  if (error) co_return reply_of(error);
  if (!is_for(reply.bytes, exchange.question))
    co_return reply_of(End::kUnreadable, "what came answers another question");
  co_return reply;
}

asio::awaitable<Reply> within(asio::awaitable<Reply> answer, Duration at_most) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, at_most);
  std::variant<Reply, std::monostate> first =
      co_await (std::move(answer) || timer.async_wait(use_awaitable));
  if (Reply* reply = std::get_if<Reply>(&first)) co_return std::move(*reply);
  co_return reply_of(End::kTimedOut, "no answer came in time");
}

}  // namespace

asio::awaitable<Reply> exchange_by_udp(Exchange exchange) {
  co_return co_await within(udp_answer(exchange), exchange.at_most);
}

asio::awaitable<Reply> exchange_by_tcp(Exchange exchange) {
  co_return co_await within(tcp_answer(exchange), exchange.at_most);
}

}  // namespace muster::zone
