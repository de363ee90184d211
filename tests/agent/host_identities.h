// The certificates of a fleet's hosts, as a collector makes them: the host's URI, its generation in
// the subject, and a begin 24 h before it was made.
#pragma once

#include <openssl/pem.h>

#include <chrono>
#include <string>

#include "agent/identity/identity.h"
#include "common/clock.h"
#include "tests/agent/test_certificates.h"

namespace muster::agent {

inline constexpr const char* kHostUri = "spiffe://fleet.example.org/host/0123456789abcdef";

struct HostWish {
  TimePoint issued_at;
  Duration life = std::chrono::hours(168);
  int generation = 1;
  std::string names = std::string("URI:") + kHostUri;
  // As OpenSSL's configuration has it.
  std::string usage = "clientAuth";
};

// PEM, for the public key.
inline std::string make_host_certificate(const TestCertificate& ca, EVP_PKEY* key,
                                         const HostWish& wish) {
  const TestCertificate made = make_certificate("0123456789abcdef", &ca, wish.names, 24, key);
  X509* certificate = made.certificate.get();
  const auto seconds = [](TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(wish.issued_at - std::chrono::hours(24)));
  ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(wish.issued_at + wish.life));
  const std::string generation = std::to_string(wish.generation);
  X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_generationQualifier,
                             MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(generation.c_str()), -1, -1, 0);
  add_extension(certificate, ca.certificate.get(), NID_ext_key_usage, wish.usage);
  X509_sign(certificate, ca.key.get(), EVP_sha256());
  return made.pem();
}

// Of a certificate signing request (PEM).
inline EvpPkeyPtr requested_key(const std::string& signing_request) {
  const BioPtr bio = memory_bio(signing_request);
  const X509ReqPtr request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  return EvpPkeyPtr(request == nullptr ? nullptr : X509_REQ_get_pubkey(request.get()));
}

inline EvpPkeyPtr key_of(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  return EvpPkeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

// A key with its certificate, as identity.pem holds them.
inline std::string make_host_identity(const TestCertificate& ca, const HostWish& wish) {
  const std::string key = make_key().value();
  return key + make_host_certificate(ca, key_of(key).get(), wish);
}

}  // namespace muster::agent
