#include "collector/fleet/host_identity.h"

#include <algorithm>
#include <utility>

namespace muster::collector {

RenewalDecision judge_renewal(const IdentityRecord& host, const PresentedIdentity& presented,
                              std::string_view wanted_key_sha256) {
  using Kind = RenewalDecision::Kind;
  if (host.standing != Standing::kActive) return {.kind = Kind::kRefused};
  if (presented.generation < host.least_generation) return {.kind = Kind::kRefused};
  // With an older store put back, whoever is ahead of it has not asked for this key.
  if (!host.key_sha256.empty() && wanted_key_sha256 == host.key_sha256 &&
      presented.generation <= host.generation) {
    return {.kind = Kind::kRepeat, .generation = host.generation};
  }
  const bool has_the_newest_key = presented.key_sha256 == host.key_sha256;
  // Enrolled when certificates were not counted yet.
  const bool was_never_counted = host.key_sha256.empty();
  // The store is an older one that was put back.
  const bool is_ahead = presented.generation > host.generation;
  if (has_the_newest_key || was_never_counted || is_ahead || host.adopts_next) {
    return {.kind = Kind::kAdvance,
            .generation = std::max(host.generation, presented.generation) + 1};
  }
  return {.kind = Kind::kClone};
}

IdentityRecord record_renewal(IdentityRecord host, const RenewalDecision& decision,
                              std::string_view wanted_key_sha256, TimePoint now) {
  switch (decision.kind) {
    case RenewalDecision::Kind::kAdvance:
    case RenewalDecision::Kind::kRepeat:
      host.generation = decision.generation;
      host.key_sha256 = wanted_key_sha256;
      host.adopts_next = false;
      break;
    case RenewalDecision::Kind::kClone:
      host.standing = Standing::kQuarantined;
      host.reason =
          "its identity is in use twice: a certificate that is not the newest asked for another "
          "key";
      host.since = now;
      break;
    case RenewalDecision::Kind::kRefused:
      break;
  }
  return host;
}

IdentityRecord record_rebinding(const IdentityRecord& host, std::string_view key_sha256,
                                uint64_t newest_seen) {
  IdentityRecord bound;
  bound.generation = std::max(host.generation, newest_seen) + 1;
  bound.key_sha256 = key_sha256;
  bound.least_generation = bound.generation;
  return bound;
}

Admission judge_report(const IdentityRecord& host, uint64_t generation, uint64_t newest_seen) {
  if (host.standing == Standing::kRevoked) return Admission::kRevoked;
  if (host.standing == Standing::kQuarantined) return Admission::kQuarantined;
  if (generation < host.least_generation) return Admission::kSuperseded;
  if (generation < newest_seen && !host.adopts_next) return Admission::kSuperseded;
  return Admission::kTaken;
}

}  // namespace muster::collector
