// collector.yml as one struct. Strict: see common/yaml_reader.h. Pure but for load_config; any
// thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/identity/certificate_names.h"
#include "collector/inventory/inventory_source.h"
#include "collector/targets/targets_config.h"
#include "common/clock.h"
#include "common/log.h"

namespace muster::collector {

// Where the configuration is when nobody says where: an administrator's, else the one that `init`
// makes in the default state directory.
inline constexpr std::string_view kSystemConfigPath = "/etc/muster/collector.yml";
inline constexpr std::string_view kInitConfigPath = "/var/lib/muster-collector/collector.yml";
inline constexpr std::string_view kDefaultStateDirectory = "/var/lib/muster-collector";

// Agents whose certificates come from a CA of the site's own.
struct AgentIdentity {
  // PEM: every CA whose client certificates are taken.
  std::string ca_file;
  // PEM, for the gRPC port; empty: the server certificate of the collector's own CA.
  std::string certificate_file;
  std::string key_file;
  // How a certificate names its host.
  CertificateNames names;
};

struct Config {
  // CA, server certificate, store and administration socket; mode 0700.
  std::string state_directory{kDefaultStateDirectory};
  // Where agents report (gRPC, mTLS) and where the rest is (HTTPS). "[::]" is IPv4 too.
  std::vector<std::string> grpc_listen = {"[::]:8433"};
  std::vector<std::string> http_listen = {"[::]:8443"};
  // What the server certificate is for: DNS names and IP addresses. The first is what others are
  // told, unless the two below say otherwise.
  std::vector<std::string> names = {"localhost"};
  // What agents are told to report to, in order of preference: "collector.example.org:8433". Empty:
  // the first name, with the port of grpc_listen.
  std::vector<std::string> advertise_grpc;
  // Where agents enrol and Prometheus scrapes: "collector.example.org:8443". Empty: the first name,
  // with the port of http_listen.
  std::string advertise_http;
  std::string trust_domain = "muster.internal";
  Duration agent_certificate_lifetime = std::chrono::days(7);
  // How long after its end a certificate still gets a host another one without a token; 0: not at
  // all.
  Duration reenroll_grace = std::chrono::days(30);
  // Absent: the collector's own CA makes them.
  std::optional<AgentIdentity> agent_identity;
  // How often agents report when there is nothing to do.
  Duration sync_interval = std::chrono::minutes(1);
  // Series that one host may have in /metrics.
  size_t series_per_host = 5000;
  // A relative path is one beside this file; `credential:NAME` one of the unit's credentials.
  // Empty: the built-in policy.
  std::string policy;
  // Labels of hosts, over those of their tokens; later sources win. Paths as of `policy`.
  std::vector<InventorySource> inventory;
  // What is looked at from outside, and by whom. Paths as of `policy`, and globs.
  TargetsConfig targets;
  // TLS and users, in the format of the Prometheus ecosystem. Empty: the server certificate of the
  // fleet's CA, and no users (then all but enrolment, health and the runbooks answers on loopback
  // only).
  std::string web_config_file;
  LogLevel log_level = LogLevel::kInfo;
  // The file this was read from and its text, for a reload to compare; empty where there is none.
  std::string file_path;
  std::string file_text;
};

// The file to use: `given` unless it is empty, else the first of the two above that is not absent.
// One that cannot be looked at is not absent: reading it says why. NotFound, with what to do, if
// both are absent.
absl::StatusOr<std::string> choose_config(const std::string& given,
                                          const std::function<bool(const std::string&)>& is_absent);

// Whether there is surely no file of that path.
bool is_absent_file(const std::string& path);

// InvalidArgument with one complaint a line, each with `path`:line:column.
absl::StatusOr<Config> parse_config(const std::string& text, const std::string& path);

// Whether the files of agent_identity are there and belong together; OK without it.
absl::Status check_agent_identity(const Config& config);

// Reads the file (at most 1 MiB) and parses it.
absl::StatusOr<Config> load_config(const std::string& path);

// Replaces `credential:NAME` of `policy`, `web_config_file` and the files of `inventory`, `targets`
// and `agent_identity` by the file in the directory where systemd puts the unit's credentials. Only
// the service has them, so only it calls this.
absl::Status use_credentials(Config& config, const std::string& credentials_directory);

// The file that `init` writes, with the comments an operator needs.
std::string config_text(const Config& config);

// "collector.example.org:8433" out of a name and the port of "[::]:8433".
std::string advertised_address(const std::string& name, const std::string& listen_address);

}  // namespace muster::collector
