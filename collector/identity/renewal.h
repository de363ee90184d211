// Gives a host that has a certificate the next one: judges whose it is (host_identity.h), has that
// on disk, and only then issues. One host at a time: two who ask at once with one identity get one
// order. Any thread; the callback comes on the caller's or the store's.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "collector/fleet/fleet.h"
#include "collector/identity/authorities.h"
#include "collector/identity/client_certificate.h"
#include "collector/identity/host_turns.h"
#include "collector/identity/renewal_log.h"
#include "collector/store/store.h"
#include "muster/v1/identity.pb.h"
#include "muster/v1/reporting.pb.h"

namespace muster::collector {

struct RenewalContext {
  // All outlive the object.
  const Clock& clock;
  Store& store;
  Fleet& fleet;
  const Authorities& authorities;
  HostTurns& turns;
  RenewalLog& log;
  Duration certificate_lifetime = std::chrono::days(7);
  // How long after its end a certificate still gets another one; 0: not at all.
  Duration reenrol_grace = std::chrono::days(30);
};

class Renewal {
 public:
  explicit Renewal(RenewalContext context) : context_(context) {}

  // PermissionDenied: the host is not there, revoked or quarantined, which it is from now on if
  // this is found to be a clone; the message says what to do. InvalidArgument: the request is not
  // as it must be. Unavailable, ResourceExhausted: nothing has changed, or what has changed makes
  // the same request give the same generation.
  using Done = std::function<void(absl::StatusOr<v1::RenewResponse>)>;

  // `certificate`: PEM, as TLS has verified it. `address`: the peer's, for the log.
  void renew(std::string_view certificate, const v1::RenewRequest& request,
             const std::string& address, const Done& done);

  // With a certificate that nobody has verified, and may have ended: reenrolment_proof.h.
  void reenrol(const v1::ReenrolRequest& request, const std::string& address, const Done& done);

  // The roots to trust from now on. PermissionDenied: the host is not there or revoked. One that is
  // quarantined is told, or it could not come back.
  absl::StatusOr<v1::GetTrustBundleResponse> trust_bundle(const std::string& host_id) const;

  // What a host is told of its certificate with the answer to its report, which came with one of
  // this generation: the hash of the roots to trust, and whether to renew at once. Cheap.
  void advise(std::string_view host_id, uint64_t generation, v1::SyncResponse& response) const;

  // What a host is told, and that is counted, when too many renew at once.
  absl::Status too_many();

 private:
  struct Asker {
    RenewalWay way;
    ClientCertificate certificate;
    RenewalPeer peer;
    std::string signing_request;
    std::string wanted_key_sha256;
  };

  void refuse(RenewalWay way, const absl::Status& status, const std::string& host,
              const std::string& address, const Done& done) const;
  // Checks what is asked for, and judges it when it is the host's turn.
  void take_turn(Asker asker, const Done& done);
  void judge(const Asker& asker, const HostTurns::Turn& turn, const Done& done);
  void give(const Asker& asker, const HostTurns::Turn& turn, const std::string& host,
            IdentityRecord record, bool repeated, const Done& done);
  void quarantine(const Asker& asker, const HostTurns::Turn& turn, const KnownHost& host,
                  const IdentityRecord& record, const Done& done);
  absl::StatusOr<v1::RenewResponse> issue(const Asker& asker, const CertificateAuthority& authority,
                                          uint64_t generation, TimePoint now) const;
  void remember(const Asker& asker);
  RenewalPeer last_given_to(const KnownHost& host, const std::string& host_id) const;

  const RenewalContext context_;

  mutable std::mutex mutex_;
  // By host id, who was given the newest certificate since the start: for the operator who looks
  // for a clone. Guarded by mutex_, a leaf.
  std::map<std::string, RenewalPeer> given_to_;
};

}  // namespace muster::collector
