// Who belongs to the fleet, and by which certificates: the CA, what makes and renews certificates,
// what revokes and removes hosts, and the certificate that the collector itself serves with, put
// together.
//
// Made before the store is open, since without a CA there is no collector; opened with store and
// fleet; kept for longer than whatever listens. What it hands out is for any thread; its own calls
// are the owner's, one at a time.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <vector>

#include "collector/config.h"
#include "collector/fleet/fleet.h"
#include "collector/fleet/host_administration.h"
#include "collector/identity/authorities.h"
#include "collector/identity/ca_rotation.h"
#include "collector/identity/enrolment.h"
#include "collector/identity/enrolment_log.h"
#include "collector/identity/host_turns.h"
#include "collector/identity/newcomers.h"
#include "collector/identity/renewal.h"
#include "collector/identity/renewal_log.h"
#include "collector/metrics/collector_metrics.h"
#include "collector/service/state_files.h"
#include "collector/store/revocations.h"
#include "collector/store/store.h"
#include "collector/sync/sync_server.h"
#include "common/clock.h"

namespace muster::collector {

class Membership {
 public:
  // All outlive it.
  Membership(const Config& config, const StateFiles& files, const Clock& clock,
             CollectorMetrics& metrics)
      : config_(config),
        files_(files),
        clock_(clock),
        metrics_(metrics),
        enrolment_log_(clock, metrics),
        renewal_log_(clock, metrics) {}

  // The CA that `init` made. First of all.
  absl::Status load_authorities();
  // What an older store has forgotten is revoked and removed again, in `hosts` too, of which the
  // fleet is made then.
  absl::Status apply_revocations(std::vector<StoredHost>& hosts, Store& store);
  // With the hosts in the fleet. Both outlive it. `renew` puts a server certificate in use when
  // another CA signs.
  void open(Store& store, Fleet& fleet, std::function<absl::Status()> renew);

  // A server certificate of the CA that signs, in its files, if there was none that is good for a
  // while: gRPC finds it by itself. True: there is another one than at the last call.
  absl::StatusOr<bool> ensure_certificate();
  // That certificate, with its key.
  const KeyPair& server_pair() const { return server_pair_; }
  // Tells metrics which roots there are, and how many hosts trust them all.
  void count_trust();
  // How agents are told apart, and by which certificate they know the collector.
  void add_identities(SyncServerOptions& options);

  Authorities& authorities() { return *authorities_; }
  Enrolment& enrolment() { return *enrolment_; }
  EnrolmentLog& enrolment_log() { return enrolment_log_; }
  Renewal& renewal() { return *renewal_; }
  RenewalLog& renewal_log() { return renewal_log_; }
  HostAdministration& administration() { return *administration_; }
  CaRotation& rotation() { return *rotation_; }

 private:
  const Config& config_;
  const StateFiles& files_;
  const Clock& clock_;
  CollectorMetrics& metrics_;

  EnrolmentLog enrolment_log_;
  RenewalLog renewal_log_;
  HostTurns turns_;
  KeyPair server_pair_;
  std::unique_ptr<Authorities> authorities_;
  std::unique_ptr<Revocations> revocations_;
  std::unique_ptr<Enrolment> enrolment_;
  std::unique_ptr<HostAdministration> administration_;
  std::unique_ptr<Newcomers> newcomers_;
  std::unique_ptr<Renewal> renewal_;
  std::unique_ptr<CaRotation> rotation_;
};

}  // namespace muster::collector
