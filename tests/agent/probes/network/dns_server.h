// A name server on loopback, of what the test tells it, on the test's own io_context: by UDP, and
// by TCP what does not fit.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/network/name_resolver.h"

namespace muster::network_probe::test {

struct DnsName {
  std::vector<std::string> ipv4 = {};
  std::vector<std::string> ipv6 = {};
  // 0: no error; 2: SERVFAIL; 3: NXDOMAIN.
  uint8_t code = 0;
  bool silent = false;
  // About AAAA alone.
  bool silent_about_ipv6 = false;
};

class DnsServer {
 public:
  explicit DnsServer(boost::asio::io_context& io)
      : acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}),
        socket_(io, {boost::asio::ip::address_v4::loopback(), acceptor_.local_endpoint().port()}) {
    receive();
    accept();
  }

  // What a probe is told of its host, so that it asks here.
  NameResolver::Sources sources(const std::string& resolv_conf = "") const {
    return {.config = parse_resolver_config("nameserver 127.0.0.1\n" + resolv_conf),
            .hosts = {},
            .port = socket_.local_endpoint().port()};
  }

  // By name, in lower case; NXDOMAIN where there is none.
  std::map<std::string, DnsName> names;
  // How often each was asked for, in either family.
  std::map<std::string, int> asked;
  // Called before each answer.
  std::function<void(const std::string& name)> before_answer;

 private:
  using Tcp = boost::asio::ip::tcp;
  static constexpr size_t kHeader = 12;
  static constexpr size_t kMostOverUdp = 512;

  struct Connection {
    explicit Connection(Tcp::socket accepted) : socket(std::move(accepted)) {}
    Tcp::socket socket;
    std::array<char, 2 + 512> question{};
  };

  void receive() {
    socket_.async_receive_from(
        boost::asio::buffer(question_), from_,
        [this](const boost::system::error_code& error, size_t size) {
          if (error) return;
          std::string reply = reply_to(std::string_view(question_.data(), size));
          if (reply.size() > kMostOverUdp) {
            reply.resize(size);                             // the question
            reply[2] = static_cast<char>(reply[2] | 0x02);  // cut off: ask by TCP
            reply[6] = reply[7] = '\0';
          }
          if (!reply.empty()) socket_.send_to(boost::asio::buffer(reply), from_);
          receive();
        });
  }

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      connections_.emplace_back(std::move(socket));
      read(connections_.back());
      accept();
    });
  }

  // Questions as c-ares sends them, each in one piece.
  void read(Connection& connection) {
    connection.socket.async_read_some(
        boost::asio::buffer(connection.question),
        [this, &connection](const boost::system::error_code& error, size_t size) {
          if (error) return;
          const std::string reply =
              reply_to(std::string_view(connection.question.data() + 2, size - 2));
          const std::string length{static_cast<char>(reply.size() >> 8),
                                   static_cast<char>(reply.size() & 0xff)};
          boost::asio::write(connection.socket, boost::asio::buffer(length + reply));
          read(connection);
        });
  }

  // Empty: none.
  std::string reply_to(std::string_view question) {
    std::string name;
    size_t at = kHeader;
    while (at < question.size() && question.at(at) != 0) {
      const auto length = static_cast<uint8_t>(question.at(at));
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, length);
      at += length + size_t{1};
    }
    const bool ipv6 = question.at(at + 2) == 28;
    const size_t end = at + 5;  // the name's end, type and class
    ++asked[name];
    if (before_answer) before_answer(name);
    const auto found = names.find(name);
    const DnsName entry = found == names.end() ? DnsName{.code = 3} : found->second;
    if (entry.silent || (ipv6 && entry.silent_about_ipv6)) return {};
    const std::vector<std::string>& addresses = ipv6 ? entry.ipv6 : entry.ipv4;
    std::string reply(question.substr(0, end));
    reply[2] = '\x81';
    reply[3] = static_cast<char>(0x80 | entry.code);
    reply[6] = static_cast<char>(addresses.size() >> 8);
    reply[7] = static_cast<char>(addresses.size() & 0xff);
    reply[8] = reply[9] = reply[10] = reply[11] = '\0';
    for (const std::string& text : addresses) {
      // The name by its place, its type, class IN, for a minute.
      reply += std::string("\xc0\x0c\0", 3) + (ipv6 ? '\x1c' : '\x01') +
               std::string("\0\x01\0\0\0\x3c\0", 7);
      const auto address = boost::asio::ip::make_address(text);
      const auto add = [&reply](const auto& bytes) {
        reply += static_cast<char>(bytes.size());
        reply.append(bytes.begin(), bytes.end());
      };
      if (ipv6) {
        add(address.to_v6().to_bytes());
      } else {
        add(address.to_v4().to_bytes());
      }
    }
    return reply;
  }

  Tcp::acceptor acceptor_;
  std::list<Connection> connections_;
  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint from_;
  std::array<char, 1500> question_{};
};

}  // namespace muster::network_probe::test
