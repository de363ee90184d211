// agent.yml as one struct. Strict: see common/yaml_reader.h. Pure but for load_config; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/targets/allowed_targets.h"
#include "common/address.h"
#include "common/clock.h"
#include "common/labels.h"
#include "common/log.h"
#include "common/targets/target.h"

namespace muster::agent {

inline constexpr std::string_view kDefaultConfigPath = "/etc/muster/agent.yml";
inline constexpr std::string_view kDefaultStateDirectory = "/var/lib/muster-agent";

// What the site set for one probe: name and values of each setting.
using ProbeSettings = std::map<std::string, std::vector<std::string>>;

// What the site set for one row of the probe list, over the row's own values.
struct ProbeConfig {
  // Unless the file says so: all but those that are opt-in.
  bool enabled = true;
  Duration interval{0};
  Duration timeout{0};
  ProbeSettings settings;
};

// Files, PEM.
struct IdentityFiles {
  // Where the agent keeps its own identity, key and certificate are one file, so that a kill never
  // leaves one without the other.
  std::string certificate;
  std::string key;
  std::string ca;
  // `muster-agent enroll` makes them and the agent renews them; else somebody else does both.
  bool renewed_by_agent = false;
};
// What `muster-agent enroll` makes in a state directory.
IdentityFiles identity_in(const std::string& state_directory);

struct Config {
  // In order of preference; at least one, at most 16.
  std::vector<Address> collectors;
  std::string state_directory{kDefaultStateDirectory};
  IdentityFiles identity;
  // The collector's HTTPS port, which gives an identity that has expired a new certificate; an
  // empty host where it is not known.
  Address enrolment;
  Duration sync_interval = std::chrono::seconds(60);
  // What the host says of itself: reported as facts, which no policy selects by.
  Labels labels;
  // Through which reports go, by CONNECT; an empty host for none.
  Address proxy;
  // Empty: beside the program, ../libexec/muster/probes.
  std::string probe_directory;
  LogLevel log_level = LogLevel::kInfo;
  // One for each row of all_probes(), in its order.
  std::vector<ProbeConfig> probes;
  // What a collector may have this agent look at; empty: nothing.
  std::vector<AllowedTargets> allowed_targets;
  // What it looks at because root says so here, allowed or not; at most 100, by name.
  std::vector<Target> own_targets;
  // Attempts to connect a second, in all and to one IP address.
  uint32_t looks_per_second = 100;
  uint32_t looks_per_address_per_second = 5;
};

// InvalidArgument with one complaint a line, each with `name`:line:column.
absl::StatusOr<Config> parse_config(const std::string& text, std::string name);

// Reads the file (at most 1 MiB) and parses it.
absl::StatusOr<Config> load_config(const std::string& path);

// Replaces `credential:NAME` of `identity` by the file in the directory where systemd puts the
// unit's credentials. Only the service has them, so only it calls this.
absl::Status use_credentials(Config& config, const std::string& credentials_directory);

// The file that enrolment writes, with the comments an operator needs. `enrolment` and `proxy` are
// URLs.
std::string initial_config_text(const std::vector<std::string>& collectors,
                                const std::string& state_directory, const std::string& enrolment,
                                const std::string& proxy);

}  // namespace muster::agent
