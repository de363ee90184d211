// One connection to a TLS server, from its first byte to its chain: the clear text before, the
// handshake with verification off, the close. It judges nothing, and takes no more from the server
// than its bounds. Never blocks; coroutine of the io_context that the socket belongs to.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

// Certificate and key that are shown to a server that asks for them.
class ClientCertificate;

// Of one connection: bytes taken from the server in all, before it is TLS_ANSWER_TOO_LARGE. A chain
// of 256 KiB fits.
inline constexpr size_t kMostBytesTaken = size_t{1} << 20;
// Of the chain: certificates, beyond which they are counted only.
inline constexpr size_t kMostServedCertificates = 16;

enum class TlsVersion : uint8_t { kTls10, kTls11, kTls12, kTls13 };
// "TLSv1", "TLSv1.1", as OpenSSL names them.
std::string_view version_name(TlsVersion version);

struct TlsQuestion {
  // SNI; empty: none is sent.
  std::string server_name = {};
  v1::StartTls starttls = v1::START_TLS_UNSPECIFIED;
  // Nothing newer is offered. Older ones always are, down to TLS 1.0.
  TlsVersion highest = TlsVersion::kTls13;
  // Only which version the server picks: closes as soon as that is known.
  bool version_only = false;
  // Null: none.
  const ClientCertificate* client_certificate = nullptr;
};

struct TlsConversation {
  // Up to TLS_ANSWER_TOO_LARGE: how connecting ended is for who connects.
  v1::TlsAnswer answer = v1::TLS_ANSWER_UNSPECIFIED;
  // One printable sentence, at most 256 bytes.
  std::string detail = {};
  // Of the handshake; of one that failed, what is known: the server's choice, if it made one.
  std::string version = {};
  std::string cipher = {};
  // DER, the leaf first; there may be some where the handshake failed behind them.
  std::vector<std::string> chain = {};
  size_t certificates_omitted = 0;
  // The stapled OCSP response as it came; empty: none.
  std::string staple = {};
  // From the first byte of TLS to the end of the handshake.
  Duration handshake{0};
  // Whether TLS was begun at all: what was said before it in the clear led to it.
  bool began = false;
  // In place of an answer to the ClientHello it ended the connection in order: no reset, no
  // time-out.
  bool closed_at_hello = false;
};

// On a connected socket; closes it. `at_most` is for all of it: then
// TLS_ANSWER_HANDSHAKE_TIMED_OUT.
boost::asio::awaitable<TlsConversation> converse(boost::asio::ip::tcp::socket& socket,
                                                 const TlsQuestion& question, Duration at_most);

}  // namespace muster::tls
