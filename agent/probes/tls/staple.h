// OCSP responses (RFC 6960): what they say of one certificate, once their signature, their signer
// and whom they are about are checked. Foreign bytes; pure, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/probes/tls/chain_verification.h"
#include "agent/probes/tls/revocation_answer.h"

namespace muster::tls {

inline constexpr size_t kLargestOcspResponse = size_t{64} << 10;

struct OcspWord {
  // As read_staple.
  v1::OcspStaple said;
  // Where it says REVOKED.
  std::optional<google::protobuf::Timestamp> revoked_at = {};
};

// What a response (DER) says of the leaf of the chain, whose issuer is in the chain, else in the
// store (null: none). Where it says something of it several times, that it was revoked counts.
OcspWord read_ocsp_response(std::string_view response, std::span<const std::string> chain,
                            const TrustStore* store);

// What a staple (DER; empty: none was sent) makes known: UNSPECIFIED without one, UNKNOWN where it
// says nothing of the leaf.
RevocationAnswer revocation_by_staple(std::string_view response, std::span<const std::string> chain,
                                      const TrustStore* store);

}  // namespace muster::tls
