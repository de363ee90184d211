// A certificate of ours, with what comes behind it and its key, for servers that ask for one. It
// never leaves the process but in a handshake. Any thread; a value that moves.
#pragma once

#include <absl/status/statusor.h>
#include <openssl/ssl.h>

#include <string_view>
#include <vector>

#include "common/openssl.h"

namespace muster::tls {

class ClientCertificate {
 public:
  // At most so many behind the leaf.
  static constexpr size_t kMostIssuers = 16;

  // PEM: the leaf first and its issuers after it, and the leaf's key, not encrypted.
  // InvalidArgument otherwise, in words that show nothing of either.
  static absl::StatusOr<ClientCertificate> from_pem(std::string_view certificates,
                                                    std::string_view key);

  // Has the connection show it where the server asks. Before the handshake; false where OpenSSL
  // refuses, as it does a key that the connection's security level forbids.
  bool show_to(SSL* connection) const;

 private:
  ClientCertificate() = default;

  X509Ptr leaf_;
  std::vector<X509Ptr> issuers_;
  EvpPkeyPtr key_;
};

}  // namespace muster::tls
