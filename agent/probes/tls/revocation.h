// What an authority says of a certificate when it is asked: by its responder (OCSP, RFC 6960) or by
// its list (CRL, RFC 5280), over plain HTTP, where the certificate says. Whoever made the
// certificate is not root: a place is dialled only where targets.allow lists it for this kind.
//
// Of one run: the same question is asked once for all looks of it. One thread owns it; it outlives
// the looks that ask.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <span>
#include <string>

#include "agent/probes/network/look.h"
#include "agent/probes/tls/chain_verification.h"
#include "agent/probes/tls/revocation_answer.h"
#include "common/clock.h"
#include "common/targets/tls_endpoint.h"

namespace muster::tls {

class Revocations {
 public:
  // Of a look's time, for all that is asked for one certificate.
  static constexpr Duration kLongest = std::chrono::seconds(10);
  static constexpr size_t kLargestList = size_t{16} << 20;
  // Of answers, those that are kept and those under way together: two of the largest and a half.
  static constexpr size_t kMemory = size_t{40} << 20;

  // `store`: where the issuer is looked for that was not served. Both outlive it.
  Revocations(const TrustStore& store, const Clock& clock);
  ~Revocations();
  Revocations(const Revocations&) = delete;
  Revocations& operator=(const Revocations&) = delete;

  // Of the chain's leaf, its first (DER, as describe_chain takes it). Never UNSPECIFIED but for
  // kStaple, which asks nobody. Takes of the look's time. What the
  // look dialled before is over for its pace: others may dial while it waits.
  boost::asio::awaitable<RevocationAnswer> ask(network_probe::Look& look,
                                               RevocationQuestion question,
                                               std::span<const std::string> chain);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace muster::tls
