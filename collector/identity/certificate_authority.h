// The fleet's own CA: an EC P-256 key and a self-signed certificate in the collector's state
// directory. It signs the collector's server certificate and the agents' client certificates
// (SAN spiffe://<trust domain>/host/<id>). Immutable once loaded; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/openssl.h"

namespace muster::collector {

// A certificate and its key, PEM.
struct KeyPair {
  std::string certificate;
  std::string key;
};

class CertificateAuthority {
 public:
  // Makes a new one, valid for 10 years. The key is only in the result. `suffix`, where there is
  // one, ends its name.
  static absl::StatusOr<KeyPair> generate(const std::string& trust_domain, TimePoint now,
                                          std::string_view suffix = {});
  // From PEM. InvalidArgument if they do not belong together, it is not a CA, or the trust domain
  // is not one.
  static absl::StatusOr<CertificateAuthority> load(const KeyPair& pair, std::string trust_domain);

  // A server certificate with a new key. `names` are DNS names and IP addresses (v4, v6).
  absl::StatusOr<KeyPair> issue_server(const std::vector<std::string>& names, TimePoint now,
                                       Duration lifetime) const;

  // A client certificate for the CSR's public key; nothing else of the CSR is used. It starts 24 h
  // before `now`, for hosts whose clock is behind. `generation`: see certificate_generation.h.
  absl::StatusOr<std::string> issue_client(const std::string& csr_pem, const std::string& host_id,
                                           uint64_t generation, TimePoint now,
                                           Duration lifetime) const;

  // Whether the certificate's signature is by this CA's key.
  bool has_signed(X509& certificate) const;

  const std::string& certificate_pem() const;
  const std::string& trust_domain() const;
  // SHA-256 over the DER, hex.
  const std::string& sha256() const;
  // Its subject's common name, made printable.
  const std::string& name() const;
  TimePoint not_after() const;

 private:
  CertificateAuthority() = default;
  EvpPkeyPtr key_;
  X509Ptr certificate_;
  std::string pem_;
  std::string trust_domain_;
  std::string sha256_;
  std::string name_;
  TimePoint not_after_;
};

// SHA-256 over a certificate's DER, hex.
absl::StatusOr<std::string> certificate_sha256(const X509* certificate);

// Lower-case letters, digits, '.', '-' and '_', as SPIFFE has it; at most 255.
bool is_trust_domain(std::string_view text);

// The host id in a client certificate's URI SAN, if it is of the form
// spiffe://<trust_domain>/host/<32 hex digits>; NotFound else.
absl::StatusOr<std::string> host_id_from_uri(std::string_view uri, std::string_view trust_domain);

}  // namespace muster::collector
