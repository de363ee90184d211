#include "agent/probes/tls/tls_handshake.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <utility>

#include "agent/probes/tls/certificate_message.h"
#include "agent/probes/tls/clear_answer.h"
#include "agent/probes/tls/client_certificate.h"
#include "common/text.h"

namespace muster::tls {
namespace {

constexpr size_t kDetailLimit = 256;

// "bad signature", of the first error in OpenSSL's queue; leaves the queue empty.
std::string take_reason(unsigned long& code) {
  code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "an unknown error" : reason;
}

bool is_from(unsigned long code, int reason) {
  return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == reason;
}

}  // namespace

TlsHandshake::TlsHandshake(const TlsQuestion& question) : question_(question) {}

TlsHandshake::Step TlsHandshake::begin() {
  ERR_clear_error();
  SSL_CTX* const context = tls_context(question_.highest);
  connection_.reset(context == nullptr ? nullptr : SSL_new(context));
  BIO* const bio = connection_ == nullptr ? nullptr : make_bio(transport_);
  if (bio == nullptr) {
    unsigned long code = 0;
    return end(v1::TLS_ANSWER_UNSPECIFIED, "OpenSSL could not begin: " + take_reason(code));
  }
  SSL* const connection = connection_.get();
  SSL_set_bio(connection, bio, bio);
  SSL_set_connect_state(connection);
  SSL_set_msg_callback(connection, &TlsHandshake::on_message);
  SSL_set_msg_callback_arg(connection, this);
  SSL_set_app_data(connection, &group_is_too_large_);
  if (question_.version_only) {
    SSL_set_verify(connection, SSL_VERIFY_PEER, nullptr);
  } else {
    SSL_set_tlsext_status_type(connection, TLSEXT_STATUSTYPE_ocsp);
  }
  if (!question_.server_name.empty() &&
      SSL_set_tlsext_host_name(connection, question_.server_name.c_str()) != 1) {
    return end(v1::TLS_ANSWER_UNSPECIFIED, "its name is too long for SNI");
  }
  if (question_.client_certificate != nullptr && !question_.version_only &&
      !question_.client_certificate->show_to(connection)) {
    return end(v1::TLS_ANSWER_UNSPECIFIED, "OpenSSL does not take the client certificate");
  }
  return advance();
}

// Called by OpenSSL before it makes sense of a message itself.
void TlsHandshake::on_message(int is_written, int /*version*/, int type, const void* bytes,
                              size_t size, SSL* /*connection*/, void* self) {
  if (is_written != 0) return;
  auto& handshake = *static_cast<TlsHandshake*>(self);
  const std::string_view message(static_cast<const char*>(bytes), size);
  if (type == SSL3_RT_ALERT && size == 2) {
    const int description = static_cast<unsigned char>(message[1]);
    if (description != SSL_AD_CLOSE_NOTIFY && description != SSL_AD_USER_CANCELLED) {
      handshake.alert_ = description;
    }
  }
  if (type == SSL3_RT_HANDSHAKE && !message.empty()) handshake.on_handshake_message(message);
}

void TlsHandshake::on_handshake_message(std::string_view message) {
  // Its signature was verified: whatever is wrong with one message, OpenSSL reads none behind it.
  key_is_proved_ |= key_exchange_came_;
  switch (message[0]) {
    case SSL3_MT_SERVER_HELLO:
      if (!question_.version_only && large_.take()) {
        SSL_set_max_cert_list(connection_.get(), static_cast<long>(kMostBytesTaken));
      }
      break;
    case SSL3_MT_CERTIFICATE: {
      if (question_.version_only) break;
      CertificateMessage parsed = parse_certificate_message(
          message, SSL_version(connection_.get()) == TLS1_3_VERSION, kMostServedCertificates);
      told_.chain = std::move(parsed.certificates);
      told_.certificates_omitted = parsed.omitted;
      break;
    }
    case SSL3_MT_SERVER_KEY_EXCHANGE:
      key_exchange_came_ = true;
      break;
    case SSL3_MT_CERTIFICATE_REQUEST:
      certificate_wanted_ = true;
      break;
    default:
      break;
  }
}

TlsHandshake::Step TlsHandshake::receive(std::string_view bytes) {
  if (!std::exchange(heard_anything_, true) && !begins_as_tls(bytes)) {
    return end(v1::TLS_ANSWER_NOT_TLS, describe_clear_answer(bytes));
  }
  transport_.incoming = bytes;
  const Step step = advance();
  // The bytes are the caller's; what OpenSSL left of them belongs to no handshake.
  transport_.incoming = {};
  return step;
}

TlsHandshake::Step TlsHandshake::receive_end(bool was_reset) {
  if (awaits_verdict_) return end(v1::TLS_ANSWER_COMPLETED, "");
  return end_by_close(was_reset);
}

TlsHandshake::Step TlsHandshake::advance() {
  ERR_clear_error();
  if (awaits_verdict_) return await_verdict();
  const int result = SSL_do_handshake(connection_.get());
  if (result == 1) {
    key_is_proved_ = true;
    SSL_shutdown(connection_.get());
    awaits_verdict_ = certificate_wanted_ && SSL_version(connection_.get()) == TLS1_3_VERSION;
    return awaits_verdict_ ? await_verdict() : end(v1::TLS_ANSWER_COMPLETED, "");
  }
  if (SSL_get_error(connection_.get(), result) == SSL_ERROR_WANT_READ) return Step::kRead;
  if (alert_ >= 0) return end_by_alert();
  return end_by_openssl();
}

// The client's part of TLS 1.3 is over before the server has looked at its certificate.
TlsHandshake::Step TlsHandshake::await_verdict() {
  char ignored[512];
  int result = 0;
  size_t count = 0;
  do {
    result = SSL_read_ex(connection_.get(), ignored, sizeof ignored, &count);
  } while (result == 1);
  if (alert_ >= 0) return end_by_alert();
  if (SSL_get_error(connection_.get(), result) == SSL_ERROR_WANT_READ) return Step::kAwaitVerdict;
  ERR_clear_error();
  return end(v1::TLS_ANSWER_COMPLETED, "");
}

TlsHandshake::Step TlsHandshake::end(v1::TlsAnswer answer, const std::string& detail) {
  told_.answer = answer;
  told_.detail = printable(detail, kDetailLimit);
  large_.give_back();
  return Step::kEnded;
}

TlsHandshake::Step TlsHandshake::end_by_alert() {
  ERR_clear_error();
  const char* const words = SSL_alert_desc_string_long(alert_);
  if (certificate_wanted_ && !told_.chain.empty()) {
    if (!key_is_proved_) {
      return end(v1::TLS_ANSWER_ALERT,
                 fmt::format("{}, and it had not proved that it has its certificate's key", words));
    }
    if (question_.client_certificate == nullptr) {
      return end(v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED, words);
    }
    return end(v1::TLS_ANSWER_ALERT, fmt::format("{}, after it was shown our certificate", words));
  }
  return end(v1::TLS_ANSWER_ALERT, words);
}

TlsHandshake::Step TlsHandshake::end_by_openssl() {
  unsigned long code = 0;
  const std::string reason = take_reason(code);
  if (question_.version_only && is_from(code, SSL_R_CERTIFICATE_VERIFY_FAILED)) {
    transport_.outgoing.clear();
    return end(v1::TLS_ANSWER_COMPLETED, "");
  }
  if (is_from(code, SSL_R_EXCESSIVE_MESSAGE_SIZE)) {
    return end(v1::TLS_ANSWER_TOO_LARGE, "one message of its handshake is larger than is taken");
  }
  if (group_is_too_large_) {
    return end(v1::TLS_ANSWER_TOO_LARGE,
               fmt::format("its Diffie-Hellman group has more than {} bits", kLargestGroupBits));
  }
  if (code == 0) return end_by_close(false);
  if (is_from(code, SSL_R_UNSUPPORTED_PROTOCOL)) {
    return end(v1::TLS_ANSWER_NOT_TLS, "it speaks a version of TLS that cannot be asked for");
  }
  return end(v1::TLS_ANSWER_NOT_TLS, fmt::format("its handshake cannot be followed: {}", reason));
}

TlsHandshake::Step TlsHandshake::end_by_close(bool was_reset) {
  ERR_clear_error();
  const std::string_view how = was_reset ? "it reset the connection" : "it closed the connection";
  if (told_.chain.empty()) {
    told_.closed_at_hello = !was_reset && !heard_anything_;
    return end(v1::TLS_ANSWER_CLOSED,
               fmt::format("{} {}", how,
                           heard_anything_ ? "before its certificates came"
                                           : "without an answer to the ClientHello"));
  }
  if (certificate_wanted_ && key_is_proved_ && question_.client_certificate == nullptr) {
    return end(v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED, fmt::format("{} when it got none", how));
  }
  return end(v1::TLS_ANSWER_CLOSED, fmt::format("{} after its certificates came", how));
}

TlsConversation TlsHandshake::finish() {
  large_.give_back();
  if (connection_ != nullptr) {
    const SSL* const connection = connection_.get();
    const SSL_CIPHER* cipher = SSL_get_current_cipher(connection);
    if (cipher == nullptr) cipher = SSL_get_pending_cipher(connection);
    if (cipher != nullptr) {
      told_.version = SSL_get_version(connection);
      told_.cipher = SSL_CIPHER_get_name(cipher);
    }
    const unsigned char* staple = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(connection_.get(), &staple);
    if (size > 0 && staple != nullptr) {
      told_.staple.assign(reinterpret_cast<const char*>(staple), static_cast<size_t>(size));
    }
    connection_.reset();
  }
  return std::move(told_);
}

}  // namespace muster::tls
