// One TCP connection passed on byte by byte, until it falls silent: then nothing moves any more
// while both ends stay open, as when a firewall forgets a connection or a host freezes.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "agent/config/config.h"

namespace muster::agent {

class Relay {
 public:
  // `target` is on loopback.
  explicit Relay(const Address& target) : target_(target.port) {
    acceptor_.async_accept(near_, [this](const boost::system::error_code& error) {
      if (error) return;
      far_.connect({boost::asio::ip::address_v4::loopback(), target_});
      pass_on(near_, far_, there_);
      pass_on(far_, near_, back_);
    });
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Relay() { fall_silent(); }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  Address address() const { return {"127.0.0.1", port_}; }

  // From here on; the connections stay open.
  void fall_silent() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  using tcp = boost::asio::ip::tcp;
  using Block = std::array<char, 1 << 14>;

  static void pass_on(tcp::socket& from, tcp::socket& to, Block& block) {
    from.async_read_some(boost::asio::buffer(block),
                         [&from, &to, &block](const boost::system::error_code& error, size_t size) {
                           boost::system::error_code written;
                           if (!error)
                             boost::asio::write(to, boost::asio::buffer(block.data(), size),
                                                written);
                           if (!error && !written) pass_on(from, to, block);
                         });
  }

  uint16_t target_;
  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  uint16_t port_ = acceptor_.local_endpoint().port();
  tcp::socket near_{context_};
  tcp::socket far_{context_};
  Block there_{};
  Block back_{};
  std::thread thread_;
};

}  // namespace muster::agent
