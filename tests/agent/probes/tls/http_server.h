// A server of HTTP on loopback that answers with the bytes that a test says, on the test's own
// io_context, and counts who comes. Tests only.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace muster::tls::test {

class HttpServer {
 public:
  using Tcp = boost::asio::ip::tcp;

  explicit HttpServer(boost::asio::io_context& io)
      : acceptor_(io, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    accept();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  static std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  // All of the answer's bytes, by the request's; then the connection is closed.
  std::function<std::string(const std::string& request)> answer;
  // Instead it is left open, and no more comes.
  bool stays_open = false;
  int accepted = 0;
  std::vector<std::string> requests;

 private:
  struct Connection {
    explicit Connection(Tcp::socket accepted_socket) : socket(std::move(accepted_socket)) {}
    Tcp::socket socket;
    std::array<char, 4096> piece{};
    std::string request;
    std::string reply;
  };

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      ++accepted;
      read(connections_.emplace_back(std::move(socket)));
      accept();
    });
  }

  void read(Connection& connection) {
    connection.socket.async_read_some(
        boost::asio::buffer(connection.piece),
        [this, &connection](const boost::system::error_code& error, size_t size) {
          if (error) return;
          connection.request.append(connection.piece.data(), size);
          if (is_whole(connection.request)) return reply(connection);
          read(connection);
        });
  }

  static bool is_whole(const std::string& request) {
    const size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const size_t length = request.find("Content-Length: ");
    const size_t body = length < end ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0;
    return request.size() >= end + 4 + body;
  }

  void reply(Connection& connection) {
    requests.push_back(connection.request);
    connection.reply = answer ? answer(connection.request) : std::string();
    boost::asio::async_write(connection.socket, boost::asio::buffer(connection.reply),
                             [this, &connection](const boost::system::error_code&, size_t) {
                               boost::system::error_code ignored;
                               if (!stays_open) connection.socket.close(ignored);
                             });
  }

  Tcp::acceptor acceptor_;
  std::list<Connection> connections_;
};

}  // namespace muster::tls::test
