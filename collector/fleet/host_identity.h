// Whose certificates are taken for a host, and which one is the newest: the rules that find a
// cloned identity and never call a lost answer, a kill or a restored backup one. Pure; any thread.
//
// A certificate carries its generation, signed by the CA (generationQualifier in its subject), and
// the collector remembers the newest generation with the key it is for. A host asks with a new key
// that it has written down before: when the answer is lost it asks with the same key again, and
// gets the same generation. Whoever asks with a certificate that is not the newest, for another
// key, has an identity that somebody else has renewed: one of the two is a clone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::collector {

enum class Standing { kActive, kQuarantined, kRevoked };

// What the store keeps of a host's identity.
struct IdentityRecord {
  Standing standing = Standing::kActive;
  // Why and since when it is not active.
  std::string reason = {};
  std::optional<TimePoint> since = std::nullopt;

  // Of the newest certificate; 0 where certificates are made by others.
  uint64_t generation = 0;
  // SHA-256 over the DER of its public key (SubjectPublicKeyInfo), 32 bytes; empty with 0.
  std::string key_sha256 = {};
  std::optional<TimePoint> not_after = std::nullopt;
  // SHA-256 of the CA certificate that signed it, hex.
  std::string ca_sha256 = {};
  // The next renewal is taken whatever its generation: an operator has released the host, so what
  // is asked next is the right one.
  bool adopts_next = false;
  // Certificates before this one have ended: a token for this host bound it to another key.
  uint64_t least_generation = 0;
};

// A certificate as TLS, or we, have verified it.
struct PresentedIdentity {
  uint64_t generation = 0;
  std::string key_sha256 = {};
};

// What to do with somebody who asks for a certificate.
struct RenewalDecision {
  enum class Kind {
    // Give the next generation.
    kAdvance,
    // The newest was given for this very key, and the answer was lost: give it again.
    kRepeat,
    // Quarantine the host.
    kClone,
    // The host is not active, or a token bound it to another key than the one that asks.
    kRefused,
  };
  Kind kind = Kind::kRefused;
  // Of the certificate to give, for the first two.
  uint64_t generation = 0;
};
RenewalDecision judge_renewal(const IdentityRecord& host, const PresentedIdentity& presented,
                              std::string_view wanted_key_sha256);

// What is to be stored for such a decision before anybody is answered: the newest certificate is
// the one to give, or the host is quarantined since `now`. When the certificate ends and who signs
// it is added by who makes it.
IdentityRecord record_renewal(IdentityRecord host, const RenewalDecision& decision,
                              std::string_view wanted_key_sha256, TimePoint now);

// What is to be stored when a token binds the host to another key: what it was given before has
// ended, whatever its standing was. `newest_seen` as below.
IdentityRecord record_rebinding(const IdentityRecord& host, std::string_view key_sha256,
                                uint64_t newest_seen);

// What to do with a report.
enum class Admission {
  kTaken,
  kQuarantined,
  kRevoked,
  // A newer certificate of this host has reported already, or a token ended this one. A host that
  // lost its newest is helped by a renewal; a clone is found by it.
  kSuperseded,
};
// `newest_seen`: the highest generation that reported since the collector was started.
Admission judge_report(const IdentityRecord& host, uint64_t generation, uint64_t newest_seen);

}  // namespace muster::collector
