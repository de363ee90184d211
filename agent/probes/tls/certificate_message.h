// The certificates of a handshake's Certificate message (RFC 5246 7.4.2, RFC 8446 4.4.2), byte for
// byte as they came, also those that OpenSSL cannot read. Foreign bytes; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster::tls {

struct CertificateMessage {
  // DER, the leaf first; at most `most`.
  std::vector<std::string> certificates;
  // Those beyond them.
  size_t omitted = 0;
};

// `message`: with its header of four bytes. Ends where its lengths make no sense, with what was
// before.
CertificateMessage parse_certificate_message(std::string_view message, bool is_tls13, size_t most);

}  // namespace muster::tls
