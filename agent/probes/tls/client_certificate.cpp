#include "agent/probes/tls/client_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace muster::tls {
namespace {

// No terminal is asked for what would open an encrypted key.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*user*/) {
  return 0;
}

absl::Status not_one(const char* what) {
  // What OpenSSL says may quote it.
  ::ERR_clear_error();
  return absl::InvalidArgumentError(what);
}

X509Ptr read_certificate(BIO* bio) {
  return X509Ptr(::PEM_read_bio_X509(bio, nullptr, &no_passphrase, nullptr));
}

}  // namespace

absl::StatusOr<ClientCertificate> ClientCertificate::from_pem(std::string_view certificates,
                                                              std::string_view key) {
  ClientCertificate made;
  const BioPtr certificate_bio = memory_bio(certificates);
  made.leaf_ = read_certificate(certificate_bio.get());
  if (made.leaf_ == nullptr) return not_one("the client certificate is no PEM certificate");
  while (X509Ptr issuer = read_certificate(certificate_bio.get())) {
    if (made.issuers_.size() == kMostIssuers) {
      return not_one("more than 16 certificates come behind the client certificate");
    }
    made.issuers_.push_back(std::move(issuer));
  }
  const BioPtr key_bio = memory_bio(key);
  made.key_.reset(::PEM_read_bio_PrivateKey(key_bio.get(), nullptr, &no_passphrase, nullptr));
  if (made.key_ == nullptr) {
    return not_one("the client certificate's key is no PEM key, or encrypted");
  }
  if (::X509_check_private_key(made.leaf_.get(), made.key_.get()) != 1) {
    return not_one("the client certificate's key is another one's");
  }
  ::ERR_clear_error();
  return made;
}

bool ClientCertificate::show_to(SSL* connection) const {
  bool good = ::SSL_use_certificate(connection, leaf_.get()) == 1 &&
              ::SSL_use_PrivateKey(connection, key_.get()) == 1;
  for (const X509Ptr& issuer : issuers_)
    good = good && ::SSL_add1_chain_cert(connection, issuer.get()) == 1;
  ::ERR_clear_error();
  return good;
}

}  // namespace muster::tls
