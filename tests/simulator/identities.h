// The identities of the simulated hosts, in a directory, so that a run can be repeated with the
// same fleet: `00042.pem` is a key and its certificate, `ca.pem` the collector's CA, `agents.txt`
// what the agents remember. Hosts that are missing are enrolled as real ones are: key and signing
// request made here, token and request over HTTPS to the pinned collector. That costs 10,000 hosts
// a minute or two once, and tests what signing with the CA's key would go around. On loopback
// twenty hosts share a source address (127.0.x.y), because the collector counts enrolments by
// address and lets twenty in at once.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/address.h"
#include "tests/simulator/simulated_agent.h"

namespace muster::simulator {

// All PEM.
struct Identity {
  std::string key;
  std::string certificate;
  // Of all hosts: shared, because ten thousand copies would be of one text.
  std::shared_ptr<const std::string> ca;
};

struct EnrolmentOptions {
  // The collector's HTTPS port.
  Address collector;
  std::string token;
  // 32 bytes: agent/identity/pinned_chain.h.
  std::string ca_sha256;
  size_t at_once = 8;
};

// How many of the hosts 0 to `hosts` - 1 have no identity there yet.
size_t missing_identities(const std::string& directory, size_t hosts);

// Enrols those; `progress` is told how many are done, on any thread, one at a time. The directory
// is made if it is missing. Blocks. What was enrolled before an error stays.
absl::Status enrol_missing(const std::string& directory, size_t hosts,
                           const EnrolmentOptions& options,
                           const std::function<void(size_t)>& progress);

absl::StatusOr<std::vector<Identity>> read_identities(const std::string& directory, size_t hosts);

// The source address of a host that enrols at a loopback collector: "127.0.1.1" and so on; empty
// where the collector is elsewhere.
std::string enrolment_source(const std::string& collector_host, size_t host);

// One line a host: the epoch, then sequence and acknowledged sequence of each probe. A file that is
// missing gives new agents; one that cannot be understood is an error.
std::string format_memories(const std::vector<AgentMemory>& memories);
absl::StatusOr<std::vector<AgentMemory>> parse_memories(const std::string& text, size_t hosts,
                                                        size_t probes);
absl::StatusOr<std::vector<AgentMemory>> read_memories(const std::string& directory, size_t hosts,
                                                       size_t probes);
absl::Status write_memories(const std::string& directory, const std::vector<AgentMemory>& memories);

}  // namespace muster::simulator
