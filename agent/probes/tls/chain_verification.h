// What a served chain is worth, apart from how it was collected: names, signatures, constraints and
// purposes, by what OpenSSL makes of the bytes. Dates count for nothing here, so that a chain has
// one answer whenever it is asked. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

// The authorities that this host trusts, from a bundle of PEM. Reads a certificate only where a
// chain leads to its subject: a batch of one target costs no hundred parsed roots.
class TrustStore {
 public:
  // InvalidArgument where there is no certificate in it.
  static absl::StatusOr<TrustStore> from_bundle(std::string_view pem);
  // Of a host that has none: every chain is CHAIN_TRUST_UNSPECIFIED with this sentence.
  static TrustStore missing(std::string why);
  TrustStore(TrustStore&&) noexcept;
  TrustStore& operator=(TrustStore&&) noexcept;
  ~TrustStore();

  // What is in it, for those that verify by it (trust_store.h).
  class Authorities;
  const Authorities& authorities() const { return *authorities_; }

 private:
  explicit TrustStore(std::unique_ptr<Authorities> authorities);
  std::unique_ptr<Authorities> authorities_;
};

// Everything of a ServedChain. `chain`: DER, the leaf first, at most kMostServedCertificates. A
// certificate that cannot be read is in it as an empty one and the chain BROKEN.
v1::ServedChain describe_chain(std::span<const std::string> chain, size_t omitted,
                               const TrustStore& store);

// Whether the certificate (DER) is for the name, or for the address where it is one (RFC 9525:
// alternative names only, a wildcard for one whole label at the left). Internationalized names are
// known as A-labels ("xn--…") alone, as TLS and certificates have them: what has other letters than
// ASCII is no name. All alternative names count, also those beyond what is reported.
bool certificate_names(std::string_view certificate, std::string_view server_name);

// What a stapled response (DER) says of the leaf of the chain, its signature and its signer
// checked. Where the leaf's issuer was not served, it is looked for in the store. staple.h says
// what it makes known of the leaf.
v1::OcspStaple read_staple(std::string_view response, std::span<const std::string> chain,
                           const TrustStore* store = nullptr);

}  // namespace muster::tls
