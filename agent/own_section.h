// The agent's section about itself: how it stands is reported like anything else. Pure but for the
// two readings at the end; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "agent/config.h"
#include "agent/outbox.h"
#include "agent/probe_runner.h"
#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// What the section says.
struct OwnState {
  TimePoint started_at;
  bool runs_as_root = false;
  // When the client certificate ends; unset if it could not be read.
  std::optional<TimePoint> certificate_not_after;
  OutboxStatistics outbox;
  uint64_t resident_bytes = 0;
};

// Facts and measurements as agent_facts.proto says. `config` and `runner` tell of the probes.
v1::Section own_section(const OwnState& state, const Config& config, const ProbeRunner& runner,
                        TimePoint now);

// Resident memory of this process in bytes; 0 if /proc does not say.
uint64_t resident_bytes();

// When the first certificate of a PEM file ends.
absl::StatusOr<TimePoint> certificate_end(const std::string& pem_path);

// The same for every report: parses the file again only once its stat has changed, or where it
// could not be read.
class CertificateEnd {
 public:
  std::optional<TimePoint> of(const std::string& pem_path);

 private:
  std::string fingerprint_;
  std::optional<TimePoint> end_;
};

}  // namespace muster::agent
