// The agent's section about itself: how it stands is reported like anything else. Pure but for
// the reading at the end; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "agent/config/config.h"
#include "agent/identity/host_certificate.h"
#include "agent/launcher/probe_runner.h"
#include "agent/outbox/outbox.h"
#include "agent/targets/target_work.h"
#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// What the section says.
struct OwnState {
  TimePoint started_at;
  // Unset until the launcher has said hello.
  std::optional<LauncherFacts> launcher = std::nullopt;
  // Unset if it could not be read.
  std::optional<HostCertificate> certificate;
  // Why it could not be renewed; empty if nothing is wrong.
  std::string renewal_error;
  OutboxStatistics outbox;
  TargetWork::Counts targets;
  uint64_t resident_bytes = 0;
};

// Facts and measurements as agent_facts.proto says. `config` and `runner` tell of the probes.
v1::Section own_section(const OwnState& state, const Config& config, const ProbeRunner& runner,
                        TimePoint now);

// What holds the probes, as it is reported.
v1::Sandbox sandbox_of(const LauncherFacts& launcher);

// Resident memory of this process in bytes; 0 if /proc does not say.
uint64_t resident_bytes();

}  // namespace muster::agent
