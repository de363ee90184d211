// The rotation of the fleet's CA as an operator drives it: where it stands, and its steps, each
// refused while hosts that report are not ready for it. Any thread; calls block on the disk.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/identity/authorities.h"
#include "common/clock.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class CaRotation {
 public:
  // All outlive it. `changed` is called when the roots, or which one signs, have changed: it puts a
  // server certificate of the one that signs in place. Unless it signs for agents, none has a say.
  CaRotation(const Clock& clock, Authorities& authorities, const Fleet& fleet,
             std::function<absl::Status()> changed, bool signs_agents = true);

  v1::CaStatus status() const;
  // Of it, the hosts that trust the whole bundle: without going through the fleet.
  size_t hosts_trusting() const;

  // Adds a root, which agents are told to trust with their next report.
  absl::StatusOr<v1::CaStatus> prepare();
  // Has the newest root (or the one it names) sign. FailedPrecondition, naming them, while a host
  // that reports does not trust it; with `force` it is done anyway. Done already: fine.
  absl::StatusOr<v1::CaStatus> activate(const v1::CaChangeRequest& request);
  // Drops what does not sign. FailedPrecondition, naming them, while the newest certificate of a
  // host that reports is of it.
  absl::StatusOr<v1::CaStatus> retire(const v1::CaChangeRequest& request);

 private:
  absl::StatusOr<v1::CaStatus> done();
  std::vector<HostTrust> hosts() const;

  const Clock& clock_;
  Authorities& authorities_;
  const Fleet& fleet_;
  const std::function<absl::Status()> changed_;
  const bool signs_agents_;
};

// Why a root that is in `bundle` only cannot sign yet; OK if no host minds. Pure.
absl::Status check_activation(std::span<const HostTrust> hosts, const TrustBundle& bundle);

// Why roots cannot be dropped yet, which are `dropped` (fingerprints, hex); OK if no host minds.
// `older`: one of them signed before the one that does now, so a certificate of which nobody noted
// who signed it may be of them. Pure.
absl::Status check_retirement(std::span<const HostTrust> hosts,
                              std::span<const std::string> dropped, bool older);

}  // namespace muster::collector
