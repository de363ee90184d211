// `muster-agent enroll`: turns a join token into this host's identity. The key is made here and
// never leaves; the collector is pinned by its CA's fingerprint before the token is sent.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

#include "common/address.h"

namespace muster::agent {

struct EnrolOptions {
  // The collector's HTTPS port.
  Address collector;
  std::string token;
  // 32 bytes: see parse_fingerprint.
  std::string ca_sha256;
  // What the host would like to be called.
  std::string name;
  // Where the identity goes; made if it is missing.
  std::string state_directory;
  // Written if it is missing.
  std::string config_path;
  // An empty host for none.
  Address proxy;
  // Replace an identity that is there.
  bool force = false;
};

// A hint for the operator of the collector, as in HostFacts; empty where this host has no machine
// id.
std::string machine_id_hash();

struct Enrolled {
  // The name that the collector gave.
  std::string host;
  // Whether the configuration was there before and stayed.
  bool kept_config = false;
};

// AlreadyExists without `force`; nothing on disk has changed unless it is OK or says "writing".
absl::StatusOr<Enrolled> enrol(const EnrolOptions& options);

}  // namespace muster::agent
