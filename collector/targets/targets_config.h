// `targets:` of collector.yml as one struct:
//
//   targets:
//     files: [targets.d/*.yml]
//     servers:
//       - {url: https://cmdb.example.org/sd/targets, interval: 5m, timeout: 30s, ca_file: ca.pem,
//          username: muster, password_file: password,     # or token_file: token
//          kind: tcp, look_interval: 1m, look_timeout: 10s}
//     agents: {role: [monitor]}
//     lease: 3m
//     site_label: site
//     weight_label: weight
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/http_client/http_document.h"
#include "collector/http_client/http_source_config.h"
#include "common/clock.h"
#include "common/targets/target.h"

namespace muster::collector {

// A server that lists targets in the shape of Prometheus's http_sd.
struct TargetServer {
  // The URL without its query, for people, logs and metrics.
  std::string name;
  HttpSource http;
  // How often it is asked.
  Duration interval = std::chrono::minutes(5);
  // What its targets are where their labels __muster_kind, __muster_interval and __muster_timeout
  // do not say: `kind`, `look_interval`, `look_timeout`.
  Target usual = {};
};

inline constexpr size_t kMostTargetFiles = 1000;
inline constexpr size_t kMostTargetServers = 16;

struct TargetsConfig {
  // Paths and globs of files: "/etc/muster/targets.d/*.yml". In collector.yml relative to it.
  std::vector<std::string> files;
  std::vector<TargetServer> servers;
  // Which hosts look: those that have all of these labels, each with one of the values. Empty:
  // none.
  std::map<std::string, std::vector<std::string>> agents;
  // How long an agent may go on without an answer, and so how long a target of one that went silent
  // waits for the next. At least three syncs.
  Duration lease = std::chrono::minutes(3);
  // The label by which a target is looked at from its own site where an agent is there; and what an
  // agent's share is of, where its label says a number from 1 to 100.
  std::string site_label = "site";
  std::string weight_label = "weight";
};

// Out of the whole file. What is wrong is noted in `root`: listing targets without saying whose
// agents look, too.
TargetsConfig read_targets_config(YamlMap& root, const Beside& beside);

// The paths of its files, for credentials to be put in their place.
std::vector<std::string*> paths_of(TargetsConfig& config);

}  // namespace muster::collector
