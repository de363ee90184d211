// What became of those who asked for a new certificate: counted by result, given ones and clones
// logged, refusals once an hour for each host (or network) and result. Any thread.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "collector/metrics/collector_metrics.h"
#include "collector/sync/rejection_log.h"
#include "common/clock.h"

namespace muster::collector {

// Over mTLS with a certificate that holds, or over HTTPS with one that has ended.
enum class RenewalWay { kRenewal, kReenrolment };

// Where somebody asks from, and what he says of his machine.
struct RenewalPeer {
  std::string address;
  std::string machine_id_hash;
};

class RenewalLog {
 public:
  // Both outlive the object.
  RenewalLog(const Clock& clock, CollectorMetrics& metrics) : clock_(clock), metrics_(metrics) {}

  // `repeated`: the same generation was given before, for the same key.
  void given(RenewalWay way, const std::string& host, uint64_t generation, bool repeated,
             const RenewalPeer& peer);
  // The host has been quarantined: `peer` asked with an identity that `other` has renewed.
  void clone(RenewalWay way, const std::string& host, const std::string& host_id,
             const RenewalPeer& peer, const RenewalPeer& other);
  // Refused for what it is, or failed for what we are; by the status. `host`: its name or id; empty
  // where it has proved none.
  void refused(RenewalWay way, const absl::Status& status, const std::string& host,
               const std::string& address);
  // Too many from that address.
  void throttled(const std::string& address);

 private:
  void count(RenewalWay way, std::string_view result);
  void count_and_log(RenewalWay way, std::string_view result, std::string_view error,
                     const std::string& host, const std::string& address);

  const Clock& clock_;
  CollectorMetrics& metrics_;
  RejectionLog log_;
};

}  // namespace muster::collector
