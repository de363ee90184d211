#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "collector/config.h"
#include "common/duration.h"

namespace muster::collector {
namespace {

std::string yaml_list(const std::vector<std::string>& values) {
  return fmt::format("[\"{}\"]", fmt::join(values, "\", \""));
}

}  // namespace

std::string config_text(const Config& config) {
  return fmt::format(
      R"(# The configuration of muster-collector. Unknown keys are errors;
# `muster-collector --check-config --config FILE` tells. A change here takes a restart. SIGHUP, or
# POST /-/reload, reads again what it names: policy, web_config_file, and the files of inventory and
# targets.

# CA, server certificate, store and administration socket.
state_directory: "{state_directory}"

# Where agents report (gRPC; a client certificate is always required), and where enrolment, metrics,
# API are (HTTPS). "[::]" is every address, IPv4 too.
grpc_listen: {grpc_listen}
http_listen: {http_listen}

# DNS names and IP addresses of this collector: the server certificate is made for them, and the
# first is what agents and Prometheus are told.
names: {names}
# Where they are told something else:
#advertise_grpc: ["collector.example.org:8433", "192.0.2.1:8433"]
#advertise_http: "collector.example.org:8443"

# In the certificates of the agents: spiffe://TRUST_DOMAIN/host/ID. Changing it means enrolling every
# host anew.
trust_domain: "{trust_domain}"
# How long the certificate of an agent holds. Agents renew it at half of that by themselves.
agent_certificate_lifetime: {lifetime}
# How long after the end of its certificate a host that was away gets a new one without a token; 0s:
# not at all.
reenroll_grace: {reenroll_grace}

# Agents whose certificates come from a CA of your own (docs/operations.md): they are read again when
# the files change, and hosts are added when they first report.
#agent_identity:
#  ca_file: agents-ca.pem
#  certificate_file: server.pem
#  key_file: server.key
#  host_id: {{from: dns, pattern: "{{id}}.servers.example.org"}}

# How often agents report when there is nothing to do.
sync_interval: {sync_interval}

# What is required of hosts: a file, or a directory whose *.yml are one policy. Beside this file.
policy: {policy}

# Labels of hosts, by their names, over the labels of their tokens; of several sources the later wins.
# Read again at a reload, a url every interval. Files are YAML (hosts: {{web1: {{site: fra}}}}), CSV
# (host,site,role) or JSON; a url answers as for Prometheus's http_sd_configs (docs/operations.md).
#inventory:
#  - file: inventory.yml
#  - url: https://netbox.example.org/api/hosts
#    interval: 5m
#    timeout: 30s
#    ca_file: netbox-ca.pem
#    username: muster
#    password_file: netbox-password     # or, without username, token_file: netbox-token

# What is looked at from outside, and by whom (docs/targets.md): each target by one of the hosts that
# have the labels under `agents`, at a time. A file lists them as in
#   targets: [{{kind: tcp, address: "www.example.org:443", owner: web, interval: 1m}}]
# A server answers as for Prometheus's http_sd_configs; its other keys are those of `inventory`. Files
# are read again at a reload, servers every interval; other files and servers, agents and lease take a
# restart.
#targets:
#  files: [targets.d/*.yml]
#  servers:
#    - url: https://cmdb.example.org/sd/targets
#      interval: 5m
#      kind: tcp                        # where a target's label __muster_kind does not say
#      look_interval: 1m
#      look_timeout: 10s
#  agents: {{role: [monitor]}}
#  lease: 3m                            # how long a silent agent keeps its targets
#  site_label: site                     # targets go to agents of their own site where there are any
#  weight_label: weight                 # 1 to 100: an agent's share

# Series that one host may have in /metrics, 500 to 100000: more are left out, single certificates
# first, and counted in muster_host_series_cut. A usual host has 50 and two for each certificate.
#series_per_host: {series_per_host}

# TLS and users (basic_auth_users) in the format of the Prometheus ecosystem. Without users,
# everything but enrolment, health and the runbooks answers on loopback only. Paths are beside this file;
# `credential:web.yml` is a credential of the systemd unit (LoadCredential=).
#web_config_file: web.yml

# debug, info, warning or error
log_level: info
)",
      fmt::arg("state_directory", config.state_directory),
      fmt::arg("grpc_listen", yaml_list(config.grpc_listen)),
      fmt::arg("http_listen", yaml_list(config.http_listen)),
      fmt::arg("names", yaml_list(config.names)), fmt::arg("trust_domain", config.trust_domain),
      fmt::arg("lifetime", format_duration(config.agent_certificate_lifetime)),
      fmt::arg("reenroll_grace", format_duration(config.reenroll_grace)),
      fmt::arg("sync_interval", format_duration(config.sync_interval)),
      fmt::arg("policy", config.policy), fmt::arg("series_per_host", config.series_per_host));
}

}  // namespace muster::collector
