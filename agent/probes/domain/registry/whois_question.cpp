#include "agent/probes/domain/registry/whois_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "agent/probes/domain/registry/dial_words.h"
#include "agent/probes/network/boottime_timer.h"

namespace muster::domains::registry {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using network_probe::BoottimeClock;
using network_probe::BoottimeTimer;
using network_probe::Dial;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr size_t kPiece = size_t{16} << 10;

// On a connected socket, until the server closes it: that is how an answer ends.
asio::awaitable<WhoisReply> exchange(asio::ip::tcp::socket& socket, const std::string& host,
                                     const std::string& question) {
  const auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(question), kTuple);
  if (unsent) co_return WhoisReply{.failure = fmt::format("{} closed the connection", host)};
  WhoisReply reply;
  std::array<char, kPiece> piece{};
  for (;;) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(piece), kTuple);
    reply.answer.append(piece.data(), size);
    if (reply.answer.size() > kLargestWhoisAnswer) {
      co_return WhoisReply{.failure = fmt::format("{} has an answer of more than {} KiB", host,
                                                  kLargestWhoisAnswer >> 10)};
    }
    if (error == asio::error::eof) break;
    // Half an answer may say the contrary of the whole.
    if (error) {
      co_return WhoisReply{
          .failure = fmt::format("{} broke the connection before its answer's end", host)};
    }
  }
  if (reply.answer.empty()) reply.failure = fmt::format("{} closed without an answer", host);
  co_return reply;
}

}  // namespace

asio::awaitable<WhoisReply> ask_whois(network_probe::Look& look, Address server,
                                      std::string question, std::function<bool()> still_wanted,
                                      Duration at_most) {
  const Duration before = look.time_left();
  asio::ip::tcp::socket socket(look.io());
  const Dial dial = co_await look.connect_to_server(
      socket, server, [](const asio::ip::address&) { return true; }, at_most);
  if (dial.end != Dial::End::kConnected)
    co_return WhoisReply{.failure = dial_words(server.host, dial)};
  if (!still_wanted())
    co_return WhoisReply{.failure = fmt::format("{} was not asked: it is left alone", server.host)};
  const Duration used = before - look.time_left();
  const auto began = BoottimeClock::now();
  BoottimeTimer timer(look.io());
  timer.expires_after(at_most - std::min(used, at_most));
  auto first = co_await (exchange(socket, server.host, question) || timer.async_wait(kTuple));
  look.spend(BoottimeClock::now() - began);
  if (first.index() == 1)
    co_return WhoisReply{.failure = fmt::format("{} did not answer in time", server.host)};
  co_return std::get<0>(std::move(first));
}

}  // namespace muster::domains::registry
