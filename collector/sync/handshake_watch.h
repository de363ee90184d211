// Counts TLS handshakes that came to nothing, with why. gRPC 1.51 tells an application nothing of
// them, so this looks where gRPC (and Asio) cannot help passing by: OpenSSL says when a session is
// freed, and a session whose handshake never ended still has what it failed for.
//
// One per process, made before the first listener and destroyed after the last. Sessions end on any
// thread. It changes nothing of a handshake.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "collector/metrics/collector_metrics.h"
#include "collector/sync/rejection_log.h"
#include "common/clock.h"

namespace muster::collector {

class HandshakeWatch {
 public:
  // Both outlive the object.
  HandshakeWatch(const Clock& clock, CollectorMetrics& metrics);
  ~HandshakeWatch();
  HandshakeWatch(const HandshakeWatch&) = delete;
  HandshakeWatch& operator=(const HandshakeWatch&) = delete;

 private:
  static void on_free(void* parent, void* value, CRYPTO_EX_DATA* data, int index, long number,
                      void* watch);
  void take(const SSL* session);

  const Clock& clock_;
  CollectorMetrics& metrics_;
  RejectionLog log_;
  int index_ = -1;
};

// Why the handshake of a server's session failed: a value of the label `reason`. Empty where there
// is nothing to count: it ended well, or the peer left without a word, as health checks do. Pure.
std::string_view handshake_failure(const SSL* session);

}  // namespace muster::collector
