// The parts of a running collector, assembled: store, fleet, the gRPC port, HTTPS, the
// administration socket, and what is due by itself. Made and run by main; ends on SIGTERM or
// SIGINT, reads policy and web configuration again on SIGHUP.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "collector/config.h"
#include "common/clock.h"
#include "common/service_environment.h"

namespace muster::collector {

class Collector {
 public:
  // Opens the store, loads the fleet, judges it and listens. `clock` outlives it. `service` is who
  // is told, once it serves.
  static absl::StatusOr<std::unique_ptr<Collector>> create(const Config& config, const Clock& clock,
                                                           const ServiceEnvironment& service = {});
  virtual ~Collector() = default;

  // Serves until a signal ends it; then answers what is under way, and writes what was to be
  // written behind.
  virtual void run() = 0;
};

// Whether the web configuration, its certificate and its key can be used; an empty path can.
absl::Status check_web_config(const std::string& path);

}  // namespace muster::collector
