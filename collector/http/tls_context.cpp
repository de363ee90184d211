#include "collector/http/tls_context.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <string_view>

namespace muster::collector::http {
namespace {

namespace ssl = boost::asio::ssl;

// Of TLS 1.2 only what has forward secrecy and authenticated encryption.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// RFC 7301: HTTP/1.1 if it is offered; a client that offers only others is refused.
int select_alpn(SSL* /*session*/, const unsigned char** chosen, unsigned char* chosen_length,
                const unsigned char* offered, unsigned int offered_length, void* /*argument*/) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(&selected, chosen_length, kHttp11, sizeof kHttp11,
                                           offered, offered_length);
  *chosen = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::Status invalid(std::string_view what, const boost::system::error_code& error) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", what, error.message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> make_tls_context(const TlsFiles& tls) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, tls.minimum_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_cipher_list(native, kTls12Ciphers);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets, which the client keeps.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(native, &select_alpn, nullptr);

  boost::system::error_code error;
  // OpenSSL would ask for a passphrase on the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  if (error) return invalid("setting up TLS", error);
  context->use_certificate_chain(boost::asio::buffer(tls.certificate_pem), error);
  if (error) return invalid("the server certificate is not PEM", error);
  context->use_private_key(boost::asio::buffer(tls.key_pem), ssl::context::pem, error);
  if (error)
    return invalid("the server key is not PEM without a passphrase, or another one's", error);
  if (SSL_CTX_check_private_key(native) != 1) {
    return absl::InvalidArgumentError("the server key does not belong to the certificate");
  }
  return context;
}

}  // namespace muster::collector::http
