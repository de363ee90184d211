// How the agent's loop speaks to a collector, without knowing by what: gRPC (sync_client.h), or a
// fake in tests.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>

#include "muster/v1/reporting.pb.h"

namespace muster::agent {

class SyncTransport {
 public:
  virtual ~SyncTransport() = default;

  // Sends a report; one at a time. `done` is called once, later, on the thread that called this.
  using Done = std::function<void(absl::StatusOr<v1::SyncResponse>)>;
  virtual void sync(const v1::SyncRequest& request, Done done) = 0;

  // Where the last report went, or the next will go: "collector.example.org:8433".
  virtual std::string address() const = 0;
};

}  // namespace muster::agent
