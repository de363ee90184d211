// What OpenSSL needs for connections that only look: everything is offered, down to TLS 1.0, keys
// of any size that costs little and signatures of any digest, since what is weak is a fact and no
// failure; nothing is verified. Made when it is first asked for, of no file of this host; shared by
// all connections of one thread.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>

#include "agent/probes/tls/tls_conversation.h"
#include "common/openssl.h"

namespace muster::tls {

using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;

// Of a finite Diffie-Hellman group: to agree on a key in the largest that OpenSSL takes, 10,000
// bits, takes a second, in which nobody else is served.
inline constexpr int kLargestGroupBits = 4096;

// Null if OpenSSL cannot make one. Lives as long as its thread. A connection of it whose verify
// mode is SSL_VERIFY_PEER ends where the server's certificates were read, any other takes them all.
// Its app data is null or a bool, which is set where the server's group is too large.
SSL_CTX* tls_context(TlsVersion highest);

// The right to take one large chain. OpenSSL makes room for a message by the size that its first
// bytes say, and hundreds of servers may say a large one together.
class LargeMessage {
 public:
  // Of a chain, without that right.
  static constexpr size_t kUsualBytes = size_t{100} << 10;
  static constexpr int kMostAtOnce = 32;

  LargeMessage() = default;
  LargeMessage(const LargeMessage&) = delete;
  LargeMessage& operator=(const LargeMessage&) = delete;
  ~LargeMessage() { give_back(); }

  // False if all are taken.
  bool take();
  void give_back();

 private:
  bool taken_ = false;
};

}  // namespace muster::tls
