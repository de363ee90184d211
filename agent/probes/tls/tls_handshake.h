// A client's side of a TLS handshake as bytes in and bytes out: what OpenSSL makes of what a server
// sends, with verification off, and how it ended as an answer. Opens nothing and waits for nothing.
// One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "agent/probes/tls/memory_transport.h"
#include "agent/probes/tls/tls_context.h"
#include "agent/probes/tls/tls_conversation.h"

namespace muster::tls {

class TlsHandshake {
 public:
  enum class Step {
    // More has to come.
    kRead,
    // Ours is done, and only the server knows whether it is content with what it got for a client
    // certificate (TLS 1.3): more may come, or the end.
    kAwaitVerdict,
    // It has ended; what is left to send may be sent.
    kEnded,
  };

  // `question` outlives it.
  explicit TlsHandshake(const TlsQuestion& question);
  TlsHandshake(const TlsHandshake&) = delete;
  TlsHandshake& operator=(const TlsHandshake&) = delete;

  // Makes the first bytes.
  Step begin();
  // Takes what came: at least one byte.
  Step receive(std::string_view bytes);
  // Nothing comes any more.
  Step receive_end(bool was_reset);
  // What has to be sent now.
  std::string take_outgoing() { return std::exchange(transport_.outgoing, {}); }

  // Once, at the end, or where the caller gives up: then `answer` is unset.
  TlsConversation finish();

 private:
  static void on_message(int is_written, int version, int type, const void* bytes, size_t size,
                         SSL* connection, void* self);
  void on_handshake_message(std::string_view message);
  Step advance();
  Step await_verdict();
  Step end(v1::TlsAnswer answer, const std::string& detail);
  Step end_by_alert();
  Step end_by_openssl();
  Step end_by_close(bool was_reset);

  const TlsQuestion& question_;
  MemoryTransport transport_;
  LargeMessage large_;
  SslPtr connection_;
  TlsConversation told_;
  // Of an alert of the server; -1: none.
  int alert_ = -1;
  bool heard_anything_ = false;
  bool certificate_wanted_ = false;
  // The message that a key of TLS 1.2 and before signs, where the key exchange has one.
  bool key_exchange_came_ = false;
  // The server has signed something of ours by its certificate's key, or finished the handshake.
  bool key_is_proved_ = false;
  // Set by the context's security callback.
  bool group_is_too_large_ = false;
  bool awaits_verdict_ = false;
};

}  // namespace muster::tls
