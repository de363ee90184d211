// What is said in the clear before TLS begins, for each protocol that has such a thing: a dialog
// that is given bytes and gives bytes, and opens nothing. Every byte of the server is foreign:
// bounded, never printed raw, never an instruction. Pure; one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

class StartTlsDialog {
 public:
  enum class Step {
    // More has to come.
    kRead,
    // The next byte of ours is the first of TLS.
    kBeginTls,
    // The server speaks the protocol, and has no TLS here or refuses it.
    kNoStartTls,
    // What came is something else.
    kNotTheProtocol,
    // More came than the protocol takes before TLS.
    kTooLarge,
  };

  // Of all that a server may say before TLS.
  static constexpr size_t kMostBytes = size_t{64} << 10;

  virtual ~StartTlsDialog() = default;

  // What is said before anything was heard; empty where the server begins.
  virtual std::string opening() = 0;
  // Takes all that came; what has to be said now is added to `reply`. After a step other than kRead
  // it is not called again. Bytes that came behind the last of the clear text are not TLS's: a
  // server that sends them is kNotTheProtocol (they could have been put there by somebody in
  // between).
  virtual Step receive(std::string_view bytes, std::string& reply) = 0;
  // One printable sentence about how it ended, at most 256 bytes: "502 Command not implemented".
  virtual const std::string& detail() const = 0;

  // `server_name`: for protocols that name the server (XMPP, SMTP); may be empty. Null for
  // START_TLS_UNSPECIFIED.
  static std::unique_ptr<StartTlsDialog> make(v1::StartTls protocol, std::string_view server_name);
};

// By the names of configurations ("smtp", "postgres"); false if there is none such.
bool parse_starttls(std::string_view name, v1::StartTls& protocol);
// "smtp"; "" for none.
std::string_view starttls_name(v1::StartTls protocol);
// What a port suggests (25 and 587 SMTP, 143 IMAP, 5432 PostgreSQL, …); START_TLS_UNSPECIFIED where
// it suggests TLS at once, or nothing.
v1::StartTls starttls_of_port(uint32_t port);

}  // namespace muster::tls
