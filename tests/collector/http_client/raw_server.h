// A server that reads once from each connection and answers with exactly the bytes it is
// given; in a thread of its own, on loopback, without TLS.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>
#include <utility>

namespace muster::collector {

class RawServer {
 public:
  // An empty answer leaves the client waiting until it goes.
  explicit RawServer(std::string answer) : answer_(std::move(answer)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    boost::asio::ip::tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  size_t requests() const { return requests_; }

 private:
  void serve() {
    boost::system::error_code error;
    while (!error) {
      boost::asio::ip::tcp::socket socket = acceptor_.accept(error);
      if (error || stopping_) return;
      // On loopback a request without a body comes in one piece.
      std::array<char, 4096> request{};
      boost::system::error_code gone;
      socket.read_some(boost::asio::buffer(request), gone);
      ++requests_;
      if (answer_.empty()) {
        char byte = 0;
        socket.read_some(boost::asio::buffer(&byte, 1), gone);
      } else {
        boost::asio::write(socket, boost::asio::buffer(answer_), gone);
      }
    }
  }

  const std::string answer_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> requests_ = 0;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_;
};

}  // namespace muster::collector
