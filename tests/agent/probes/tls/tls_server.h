// A TLS server of OpenSSL's on loopback, on the test's own io_context: what a look meets at work,
// with the versions, certificates and wishes that a test says. Tests only.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/openssl.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls::test {

// A leaf with its key and what is served behind it.
struct ServedCertificate {
  // DER, the leaf first.
  std::vector<std::string> chain;
  EvpPkeyPtr key;
};

// Of its own authority, whose certificate is served behind it; for these names ("DNS:…").
ServedCertificate make_served(const std::vector<std::string>& names,
                              TimePoint not_after = muster::test::kYear2027);

struct ServerSpec {
  int lowest = TLS1_VERSION;
  int highest = TLS1_3_VERSION;
  enum class Client { kNotAsked, kOptional, kRequired } client = Client::kNotAsked;
  // A stapled response; empty: none.
  std::string staple = {};
  // TLS begins after these bytes were sent.
  std::string clear_text = {};
  // Who offers nothing newer than TLS 1.1 is not answered: the connection is closed.
  bool closes_before_tls12 = false;
};

class TlsServer {
 public:
  using Tcp = boost::asio::ip::tcp;

  TlsServer(boost::asio::io_context& io, const ServedCertificate& served,
            const ServerSpec& spec = {}, const std::string& address = "127.0.0.1",
            uint16_t port = 0);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // Served to who asks for that name.
  void serve(const std::string& server_name, const ServedCertificate& served);

  uint16_t port() const;
  Tcp::endpoint endpoint() const;
  int accepted() const;
  // Of connections whose handshake was completed, also on this side.
  int completed() const;
  // What was sent as SNI, in the order of the connections; "" where none was.
  const std::vector<std::string>& server_names() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace muster::tls::test
