#include "agent/probes/tls/tls_context.h"

#include <array>

namespace muster::tls {
namespace {

using SecurityCallback = int (*)(const SSL*, const SSL_CTX*, int, int, int, void*, void*);

SecurityCallback& own_callback() {
  static thread_local SecurityCallback callback = nullptr;
  return callback;
}

// Connections that only ask for a version have seen enough where the certificates came.
int end_or_take_all(X509_STORE_CTX* certificates, void* /*unused*/) {
  const auto* connection = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(certificates, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return SSL_get_verify_mode(connection) == SSL_VERIFY_NONE ? 1 : 0;
}

bool is_large_group(int nid) {
  return nid == NID_ffdhe6144 || nid == NID_ffdhe8192;
}

// Beside what OpenSSL's own refuses: groups of less than 1024 bits, at every level.
int allow(const SSL* connection, const SSL_CTX* context, int operation, int bits, int nid,
          void* other, void* own) {
  if (operation == SSL_SECOP_TMP_DH && other != nullptr &&
      EVP_PKEY_get_bits(static_cast<const EVP_PKEY*>(other)) > kLargestGroupBits) {
    auto* const is_too_large =
        connection == nullptr ? nullptr : static_cast<bool*>(SSL_get_app_data(connection));
    if (is_too_large != nullptr) *is_too_large = true;
    return 0;
  }
  // Of TLS 1.3, which names its groups: these are not offered.
  if ((operation & SSL_SECOP_OTHER_TYPE) == SSL_SECOP_OTHER_CURVE && is_large_group(nid)) return 0;
  return own_callback()(connection, context, operation, bits, nid, other, own);
}

int number_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return TLS1_VERSION;
    case TlsVersion::kTls11:
      return TLS1_1_VERSION;
    case TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case TlsVersion::kTls13:
      break;
  }
  return TLS1_3_VERSION;
}

SslCtxPtr make_context(TlsVersion highest) {
  // A host's openssl.cnf forbids what is old, and the sandbox has no file.
  if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) return nullptr;
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return nullptr;
  SSL_CTX* const made = context.get();
  // Before the ciphers, which depend on it.
  SSL_CTX_set_security_level(made, 0);
  own_callback() = SSL_CTX_get_security_callback(made);
  SSL_CTX_set_security_callback(made, &allow);
  // Without those that show no certificate.
  if (SSL_CTX_set_cipher_list(made, "ALL:!aNULL:!eNULL") != 1 ||
      SSL_CTX_set_min_proto_version(made, TLS1_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(made, number_of(highest)) != 1) {
    return nullptr;
  }
  SSL_CTX_set_options(made, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION |
                                SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(made, LargeMessage::kUsualBytes);
  SSL_CTX_set_cert_verify_callback(made, &end_or_take_all, nullptr);
  return context;
}

int& large_messages() {
  static thread_local int taken = 0;
  return taken;
}

}  // namespace

SSL_CTX* tls_context(TlsVersion highest) {
  static thread_local std::array<SslCtxPtr, 4> contexts;
  SslCtxPtr& context = contexts.at(static_cast<size_t>(highest));
  if (context == nullptr) context = make_context(highest);
  return context.get();
}

bool LargeMessage::take() {
  if (!taken_ && large_messages() < kMostAtOnce) {
    taken_ = true;
    ++large_messages();
  }
  return taken_;
}

void LargeMessage::give_back() {
  if (taken_) --large_messages();
  taken_ = false;
}

}  // namespace muster::tls
