// One question by plain HTTP to a place that a certificate names, and its answer: within a look's
// rules, time and pace, with no redirect followed and no more taken than is said. Coroutine of the
// look's io_context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/network/look.h"
#include "common/address.h"

namespace muster::tls {

struct HttpPlace {
  Address address;
  // As the certificate has it.
  std::string url;
  // Path and query, "/" at least.
  std::string target;
};

// Unset unless it is http://host[:port][/…] in printable ASCII, without a user's name.
std::optional<HttpPlace> parse_http_place(std::string_view url);

// Memory that several answers have together: each takes what it has, and gives it back at its end.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes) : left_(bytes) {}
  size_t left() const { return left_; }
  bool take(size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void give(size_t bytes) { left_ += bytes; }

 private:
  size_t left_;
};

struct HttpQuestion {
  HttpPlace place;
  // Empty: GET; else POST, of this type.
  std::string body = {};
  std::string content_type = {};
  size_t largest_answer = 0;
};

struct HttpReply {
  std::string body = {};
  // Why there is no answer: "http://ocsp.example.org/ answered 404 Not Found". Empty: there is one.
  std::string failure = {};
  // Whether another look would be told the same: not where this one's time or lease ended.
  bool is_lasting = true;
};

// Takes the body's size from `memory`: whoever keeps the reply gives it back.
boost::asio::awaitable<HttpReply> ask_by_http(network_probe::Look& look, HttpQuestion question,
                                              Duration at_most, SharedMemory& memory);

}  // namespace muster::tls
