// From a leaf to an authority, through what was served: the one path that holds, if any does, else
// what is wrong with the nearest to one. OpenSSL verifies; what it does not do is to try another
// path where the first does not hold, and to say in words why. Pure; any thread.
#pragma once

#include <openssl/x509.h>

#include <span>
#include <string>
#include <vector>

#include "agent/probes/tls/trust_store.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

struct CertificatePath {
  v1::ChainTrust trust = v1::CHAIN_TRUST_UNSPECIFIED;
  // As ServedChain.trust_detail.
  std::string detail = {};
  // The store's; null unless it is trusted.
  X509* anchor = nullptr;
  // Which of those served are on it, from the leaf on, as far as it goes.
  std::vector<size_t> positions = {};
};

// `served`: the leaf first, at least one, none null. The store is not missing. Looks at no date.
// Signatures are looked for at most kMostSignatures times, and a few whole paths checked, so that a
// hostile chain costs no more.
inline constexpr int kMostSignatures = 32;
CertificatePath find_path(std::span<const X509Ptr> served,
                          const TrustStore::Authorities& authorities);

// Who signed the certificate, of those served and of the store (null: none): null if nobody did.
X509* find_issuer(X509* certificate, std::span<const X509Ptr> served,
                  const TrustStore::Authorities* authorities);

}  // namespace muster::tls
