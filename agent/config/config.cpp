#include "agent/config/config.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "agent/config/targets_settings.h"
#include "agent/looking/probe_list.h"
#include "agent/output/status_text.h"
#include "common/files.h"
#include "common/service_environment.h"
#include "common/yaml_reader.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr size_t kFileLimit = 1 << 20;
constexpr size_t kMostCollectors = 16;
constexpr size_t kMostSettingValues = 1000;
constexpr uint16_t kProxyPort = 3128;
constexpr uint16_t kHttpsPort = 8443;

std::optional<std::string> absolute_path(YamlMap& map, std::string_view key) {
  std::optional<std::string> path = map.text(key);
  if (path && !path->starts_with('/')) map.complain(key, "it must be an absolute path");
  return path;
}

// Of one's own identity: systemd may be who has it.
std::optional<std::string> path_or_credential(YamlMap& map, std::string_view key) {
  std::optional<std::string> path = map.text(key);
  if (path && !path->starts_with('/') && !is_credential(*path)) {
    map.complain(key, "it must be an absolute path, or credential:NAME");
  }
  return path;
}

void read_collectors(YamlMap& root, Config& config) {
  root.require("collectors");
  const std::vector<std::string> collectors =
      root.texts("collectors").value_or(std::vector<std::string>());
  if (root.has("collectors") && (collectors.empty() || collectors.size() > kMostCollectors)) {
    root.complain("collectors", fmt::format("1 to {} addresses belong here, as in [\"{}\"]",
                                            kMostCollectors, "collector.example.org:8433"));
  }
  for (const std::string& text : collectors) {
    const absl::StatusOr<Address> address = parse_address(text);
    if (address.ok()) {
      config.collectors.push_back(*address);
    } else {
      root.complain("collectors", text_of(address.status()));
    }
  }
}

void read_identity(YamlMap& root, Config& config) {
  config.identity = identity_in(config.state_directory);
  std::optional<YamlMap> map = root.map("identity");
  if (!map) return;
  // Whoever names files of their own renews them, too.
  config.identity.renewed_by_agent = false;
  config.identity.certificate =
      path_or_credential(*map, "certificate").value_or(config.identity.certificate);
  config.identity.key = path_or_credential(*map, "key").value_or(config.identity.key);
  config.identity.ca = path_or_credential(*map, "ca").value_or(config.identity.ca);
}

// An empty text is as if the key were not there.
void read_url(YamlMap& root, std::string_view key, std::string_view scheme, uint16_t default_port,
              Address& result) {
  const std::optional<std::string> text = root.text(key);
  if (!text || text->empty()) return;
  const absl::StatusOr<Address> address = parse_url(*text, scheme, default_port);
  if (address.ok()) {
    result = *address;
  } else {
    root.complain(key, text_of(address.status()));
  }
}

void read_log_level(YamlMap& root, Config& config) {
  const std::string level =
      root.one_of("log_level", {"debug", "info", "warning", "error"}).value_or("info");
  if (level == "debug") config.log_level = LogLevel::kDebug;
  if (level == "warning") config.log_level = LogLevel::kWarning;
  if (level == "error") config.log_level = LogLevel::kError;
}

void read_setting(YamlMap& map, const ProbeSettingRow& row, ProbeConfig& config) {
  if (row.kind == ProbeSettingRow::Kind::kBoolean) {
    const std::optional<bool> value = map.boolean(row.name);
    if (value) config.settings[std::string(row.name)] = {*value ? "true" : "false"};
    return;
  }
  std::optional<std::vector<std::string>> values = map.texts(row.name);
  if (!values) return;
  if (values->size() > kMostSettingValues) {
    map.complain(row.name, fmt::format("at most {} values are taken", kMostSettingValues));
  }
  if (row.kind == ProbeSettingRow::Kind::kPaths) {
    for (const std::string& value : *values) {
      if (value.starts_with('/')) continue;
      map.complain(row.name, fmt::format("'{}' is not an absolute path or glob", value));
    }
  }
  config.settings[std::string(row.name)] = *std::move(values);
}

void read_probes(YamlMap& root, Config& config) {
  std::optional<YamlMap> probes = root.map("probes");
  for (const ProbeRow& row : all_probes()) {
    ProbeConfig probe{.enabled = !row.is_opt_in,
                      .interval = row.interval,
                      .timeout = row.timeout,
                      .settings = {}};
    if (std::optional<YamlMap> map = probes ? probes->map(row.name) : std::nullopt) {
      probe.enabled = map->boolean("enabled").value_or(probe.enabled);
      probe.interval = map->duration("interval", 1s, 24h).value_or(probe.interval);
      probe.timeout = map->duration("timeout", 1s, 1h).value_or(probe.timeout);
      for (const ProbeSettingRow& setting : row.settings)
        read_setting(*map, setting, probe);
    }
    config.probes.push_back(std::move(probe));
  }
}

void read_labels(YamlMap& root, Config& config) {
  const auto pairs = root.pairs("labels");
  config.labels = Labels(pairs.begin(), pairs.end());
  const absl::Status status = check_labels(config.labels, "a host");
  if (!status.ok()) root.complain("labels", text_of(status));
}

}  // namespace

IdentityFiles identity_in(const std::string& state_directory) {
  const std::string identity = state_directory + "/identity.pem";
  return {.certificate = identity,
          .key = identity,
          .ca = state_directory + "/ca.pem",
          .renewed_by_agent = true};
}

absl::StatusOr<Config> parse_config(const std::string& text, std::string name) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, std::move(name));
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  Config config;
  read_collectors(root, config);
  config.state_directory = absolute_path(root, "state_directory").value_or(config.state_directory);
  read_identity(root, config);
  config.sync_interval = root.duration("sync_interval", 1s, 1h).value_or(config.sync_interval);
  read_url(root, "enrolment", "https", kHttpsPort, config.enrolment);
  read_url(root, "proxy", "http", kProxyPort, config.proxy);
  config.probe_directory = absolute_path(root, "probe_directory").value_or(config.probe_directory);
  read_log_level(root, config);
  read_labels(root, config);
  read_probes(root, config);
  read_targets(root, config);
  if (absl::Status finished = document->finish(); !finished.ok()) return finished;
  return config;
}

absl::StatusOr<Config> load_config(const std::string& path) {
  const absl::StatusOr<std::string> text = read_file(path, kFileLimit);
  if (!text.ok()) return text.status();
  return parse_config(*text, path);
}

absl::Status use_credentials(Config& config, const std::string& credentials_directory) {
  for (std::string* path :
       {&config.identity.certificate, &config.identity.key, &config.identity.ca}) {
    absl::StatusOr<std::string> file = resolve_credential(*path, credentials_directory);
    if (!file.ok()) return file.status();
    *path = *std::move(file);
  }
  return absl::OkStatus();
}

std::string initial_config_text(const std::vector<std::string>& collectors,
                                const std::string& state_directory, const std::string& enrolment,
                                const std::string& proxy) {
  std::string text =
      "# Configuration of muster-agent. Check a change with `muster-agent run --check-config`,\n"
      "# then send SIGHUP to the agent. Every key: `muster-agent run --help`.\n"
      "collectors:\n";
  // Single quotes: YAML's plainest scalar; there is none in an address or a checked path.
  for (const std::string& collector : collectors)
    text += fmt::format("  - '{}'\n", collector);
  text += fmt::format("state_directory: '{}'\n", state_directory);
  text += fmt::format(
      "# Where a host that was off for too long gets a new certificate.\nenrolment: '{}'\n",
      enrolment);
  if (!proxy.empty()) text += fmt::format("proxy: '{}'\n", proxy);
  return text;
}

}  // namespace muster::agent
