#include "collector/sync/handshake_watch.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include "common/log.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster::collector {
namespace {

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;

constexpr size_t kNameShown = 200;

// Only the gRPC port wants a certificate from everybody.
std::string_view port_of(const SSL* session) {
  return (SSL_get_verify_mode(session) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) != 0 ? "grpc" : "https";
}

std::string_view certificate_failure(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "not_yet_valid";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "foreign";
    default:
      return "unfit";
  }
}

// Whether OpenSSL gave the session up, rather than that it was waiting for the peer.
bool gave_up(const SSL* session) {
  return std::string_view(SSL_state_string(session)) == "SSLERR";
}

std::string_view what_to_do(std::string_view reason) {
  if (reason == "expired") {
    return "the agent asks for another by itself until reenroll_grace is over; then it must be "
           "enrolled again: `muster-agent enroll --force`";
  }
  if (reason == "not_yet_valid") return "compare the clocks of that host and this one";
  if (reason == "foreign") return "the host is enrolled at another collector, or at none";
  if (reason == "unfit") return "it is not a certificate that this collector gave to a host";
  if (reason == "no_certificate") return "agents report here; enrolment and scrapes go to HTTPS";
  if (reason == "not_tls") return "the peer does not speak TLS";
  if (reason == "protocol") return "the peer has no version or cipher of TLS that is good enough";
  if (reason == "refused") return "the peer does not trust this collector's certificate";
  return "the peer left, or stalled until the time-out";
}

// The URI of the certificate that was not taken, which names a host; the peer's word only, unless
// the chain was ours.
std::string name_of_peer(const SSL* session) {
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(session);
  const X509* leaf =
      chain == nullptr || sk_X509_num(chain) == 0 ? nullptr : sk_X509_value(chain, 0);
  if (leaf == nullptr) return {};
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    return printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri))},
                     kNameShown);
  }
  return {};
}

}  // namespace

std::string_view handshake_failure(const SSL* session) {
  if (SSL_is_server(session) == 0 || SSL_get_state(session) == TLS_ST_OK) return {};
  if (const long result = SSL_get_verify_result(session); result != X509_V_OK) {
    return certificate_failure(result);
  }
  if (!gave_up(session)) {
    BIO* input = SSL_get_rbio(session);
    return input == nullptr || BIO_number_read(input) == 0 ? "" : "incomplete";
  }
  // A fatal alert came.
  if ((SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN) != 0) return "refused";
  switch (SSL_get_state(session)) {
    case TLS_ST_BEFORE:
      return "not_tls";
    case TLS_ST_SR_CERT:
      return "no_certificate";
    default:
      return "protocol";
  }
}

HandshakeWatch::HandshakeWatch(const Clock& clock, CollectorMetrics& metrics)
    : clock_(clock), metrics_(metrics) {
  index_ = SSL_get_ex_new_index(0, this, nullptr, nullptr, &HandshakeWatch::on_free);
}

HandshakeWatch::~HandshakeWatch() {
  if (index_ >= 0) CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, index_);
}

void HandshakeWatch::on_free(void* parent, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                             long /*number*/, void* watch) {
  static_cast<HandshakeWatch*>(watch)->take(static_cast<const SSL*>(parent));
}

void HandshakeWatch::take(const SSL* session) {
  const std::string_view reason = handshake_failure(session);
  if (reason.empty()) return;
  const std::string_view port = port_of(session);
  metrics_.count_handshake_failure(port, reason);
  // A name is worth a line of its own only where our own CA vouches for it: strangers have as many
  // names as they like.
  const bool is_ours = reason == "expired" || reason == "not_yet_valid";
  const std::string name = name_of_peer(session);
  if (!log_.should_log(is_ours ? name : "", std::string(port) + "/" + std::string(reason),
                       clock_.now())) {
    return;
  }
  log_warning("a TLS handshake failed; the same reason is not logged for an hour",
              {{"port", port},
               {"reason", reason},
               {"certificate", name.empty() ? "none" : name},
               {"hint", what_to_do(reason)}});
}

}  // namespace muster::collector
