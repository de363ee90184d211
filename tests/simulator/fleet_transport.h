// How the simulated agents reach a collector, one connection each: gRPC with mTLS
// (mtls_transport.h), or a fake in tests. One thread owns it and calls it.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstddef>
#include <optional>

#include "muster/v1/reporting.pb.h"

namespace muster::simulator {

struct FleetAnswer {
  size_t host = 0;
  absl::StatusOr<v1::SyncResponse> response;
  std::chrono::duration<double> took{0};
  // The connection had to be made first.
  bool connected = false;
};

class FleetTransport {
 public:
  using Clock = std::chrono::steady_clock;
  virtual ~FleetTransport() = default;

  // Sends the report of a host that has none under way.
  virtual void sync(size_t host, const v1::SyncRequest& request) = 0;

  // The next answer; nothing if none came until then.
  virtual std::optional<FleetAnswer> next(Clock::time_point until) = 0;
};

}  // namespace muster::simulator
