// How the agent's loop speaks to a collector, without knowing by what: gRPC (sync_client.h), or a
// fake in tests.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>

#include "muster/v1/identity.pb.h"
#include "muster/v1/reporting.pb.h"

namespace muster::agent {

class SyncTransport {
 public:
  virtual ~SyncTransport() = default;

  // Sends a report; one at a time. `done` is called once, later, on the thread that called this.
  using Done = std::function<void(absl::StatusOr<v1::SyncResponse>)>;
  virtual void sync(const v1::SyncRequest& request, Done done) = 0;

  // Asks for a certificate for another key, and for the roots to trust: over the connection that
  // reports go by, beside one that is on its way, and of that collector only. One of each at a
  // time; `done` as above.
  using RenewDone = std::function<void(absl::StatusOr<v1::RenewResponse>)>;
  virtual void renew(const v1::RenewRequest& request, RenewDone done) = 0;
  using TrustBundleDone = std::function<void(absl::StatusOr<v1::GetTrustBundleResponse>)>;
  virtual void get_trust_bundle(TrustBundleDone done) = 0;

  // Where the last report went, or the next will go: "collector.example.org:8433".
  virtual std::string address() const = 0;
};

}  // namespace muster::agent
