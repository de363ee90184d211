// A TLS server in memory, for what is tested byte by byte: it takes what a client sent and gives
// what it would answer. Tests only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "agent/probes/tls/tls_context.h"
#include "agent/probes/tls/tls_handshake.h"
#include "tests/agent/probes/tls/tls_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls::test {

struct MemoryServerSpec {
  int highest = TLS1_3_VERSION;
  // What it signs with; null: the certificate's key.
  EVP_PKEY* key = nullptr;
  // Whatever else is to be set.
  std::function<void(SSL_CTX*)> prepare = {};
};

class MemoryServer {
 public:
  explicit MemoryServer(const ServedCertificate& served, const MemoryServerSpec& spec = {})
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), spec.highest);
    for (size_t i = 0; i < served.chain.size(); ++i) {
      const auto* der = reinterpret_cast<const unsigned char*>(served.chain[i].data());
      X509Ptr one(d2i_X509(nullptr, &der, static_cast<long>(served.chain[i].size())));
      if (i == 0) {
        SSL_CTX_use_certificate(context_.get(), one.get());
      } else {
        SSL_CTX_add_extra_chain_cert(context_.get(), one.release());
      }
    }
    SSL_CTX_use_PrivateKey(context_.get(), spec.key == nullptr ? served.key.get() : spec.key);
    if (spec.prepare) spec.prepare(context_.get());
    connection_.reset(SSL_new(context_.get()));
    SSL_set_accept_state(connection_.get());
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(connection_.get(), in, out);
  }

  std::string answer(const std::string& bytes) {
    BIO_write(SSL_get_rbio(connection_.get()), bytes.data(), static_cast<int>(bytes.size()));
    SSL_do_handshake(connection_.get());
    std::string answer = bio_content(SSL_get_wbio(connection_.get()));
    BIO_reset(SSL_get_wbio(connection_.get()));
    return answer;
  }

  SSL* connection() { return connection_.get(); }

 private:
  SslCtxPtr context_;
  SslPtr connection_;
};

// Wants a certificate of whoever connects, and ends where it gets none.
inline void require_client_certificate(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     [](int, X509_STORE_CTX*) { return 1; });
}

// Both talk until neither has more to say, or the client's part is over.
inline TlsConversation talk(TlsHandshake& handshake, MemoryServer& server) {
  using Step = TlsHandshake::Step;
  Step step = handshake.begin();
  while (step != Step::kEnded) {
    const std::string answer = server.answer(handshake.take_outgoing());
    step = answer.empty() ? handshake.receive_end(false) : handshake.receive(answer);
  }
  return handshake.finish();
}

}  // namespace muster::tls::test
