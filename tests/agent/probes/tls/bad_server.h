// Servers that behave badly, on loopback: each does with every connection what a test says. Tests
// only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace muster::tls::test {

// What one does once it is connected to.
struct Manners {
  // Sent first, in pieces of so many bytes (0: at once), a millisecond apart.
  std::string first = {};
  size_t piece = 0;
  // Sent again and again after it, until nobody takes it.
  std::string endless = {};
  enum class End { kWait, kClose, kReset } end = End::kWait;
};

inline boost::asio::awaitable<void> behave(boost::asio::ip::tcp::socket socket, Manners manners) {
  namespace asio = boost::asio;
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  asio::steady_timer timer(socket.get_executor());
  const size_t piece = manners.piece == 0 ? manners.first.size() : manners.piece;
  for (size_t at = 0; at < manners.first.size() && !error; at += piece) {
    co_await asio::async_write(socket, asio::buffer(manners.first.substr(at, piece)), token);
    if (manners.piece == 0) continue;
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(token);
  }
  while (!error && !manners.endless.empty())
    co_await asio::async_write(socket, asio::buffer(manners.endless), token);
  if (manners.end == Manners::End::kReset) {
    socket.set_option(asio::socket_base::linger(true, 0), error);
    co_return;
  }
  if (manners.end == Manners::End::kClose) co_return;
  char ignored[4096];
  while (!error)
    co_await socket.async_read_some(asio::buffer(ignored), token);
}

class BadServer {
 public:
  using Tcp = boost::asio::ip::tcp;

  BadServer(boost::asio::io_context& io, Manners manners)
      : acceptor_(io, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        manners_(std::move(manners)) {
    accept();
  }

  Tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      boost::asio::co_spawn(acceptor_.get_executor(), behave(std::move(socket), manners_),
                            boost::asio::detached);
      accept();
    });
  }

  Tcp::acceptor acceptor_;
  const Manners manners_;
};

}  // namespace muster::tls::test
