#include "collector/targets/targets_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/labels.h"
#include "common/targets/target_file.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;

// Of one label of `agents`.
constexpr size_t kMostValues = 100;

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

std::vector<std::string> read_files(YamlMap& map, const Beside& beside) {
  std::vector<std::string> files = map.texts("files").value_or(std::vector<std::string>());
  if (files.size() > kMostTargetFiles) {
    map.complain("files", fmt::format("at most {} paths and globs", kMostTargetFiles));
  }
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].empty() || files[i].find('\n') != std::string::npos) {
      map.complain_of_item("files", i, "it must be a path or a glob, as in targets.d/*.yml");
    }
    files[i] = beside(files[i]);
  }
  return files;
}

Target read_usual(YamlMap& map) {
  Target usual = unsaid_target();
  usual.kind = map.one_of("kind", target_kind_names()).value_or("");
  usual.interval = map.duration("look_interval", kShortestLookInterval, kLongestLookInterval)
                       .value_or(usual.interval);
  usual.timeout = map.duration("look_timeout", kShortestLook, kLongestLook).value_or(usual.timeout);
  if (usual.interval != Duration(0) && usual.timeout != Duration(0)) {
    const absl::Status status = check_look_times(usual.interval, usual.timeout);
    if (!status.ok()) map.complain("look_timeout", text_of(status));
  }
  return usual;
}

std::vector<TargetServer> read_servers(YamlMap& targets, const Beside& beside) {
  std::vector<TargetServer> servers;
  if (!targets.has("servers")) return servers;
  for (YamlMap& map : targets.maps("servers")) {
    map.require("url");
    TargetServer server;
    if (const std::optional<std::string> url = map.text("url")) {
      server.http = read_http_source(map, *url, beside);
    }
    server.name = server.http.url.shown();
    server.interval = read_asking_interval(map, server.interval);
    server.usual = read_usual(map);
    const bool known =
        std::any_of(servers.begin(), servers.end(),
                    [&server](const TargetServer& other) { return other.name == server.name; });
    if (known) {
      map.complain("url", fmt::format("{} is listed already (its query does not tell them apart)",
                                      printable(server.name, 200)));
    }
    servers.push_back(std::move(server));
  }
  if (servers.size() > kMostTargetServers) {
    targets.complain("servers", fmt::format("at most {} servers", kMostTargetServers));
  }
  return servers;
}

std::map<std::string, std::vector<std::string>> read_agents(YamlMap& targets) {
  std::map<std::string, std::vector<std::string>> agents;
  std::optional<YamlMap> map = targets.map("agents");
  if (!map) return agents;
  for (const std::string& label : map->names()) {
    std::vector<std::string> values = map->texts(label).value_or(std::vector<std::string>());
    const absl::Status status = check_label(label, "");
    if (!status.ok()) map->complain(label, text_of(status));
    if (values.empty() || values.size() > kMostValues) {
      map->complain(label, fmt::format("1 to {} values belong here, as in [monitor]", kMostValues));
    }
    agents[label] = std::move(values);
  }
  if (agents.size() > kMostLabels) {
    targets.complain("agents", fmt::format("at most {} labels", kMostLabels));
  }
  return agents;
}

void read_label_name(YamlMap& map, std::string_view key, std::string& name) {
  name = map.text(key).value_or(name);
  const absl::Status status = check_label(name, "");
  if (!status.ok()) map.complain(key, text_of(status));
}

}  // namespace

TargetsConfig read_targets_config(YamlMap& root, const Beside& beside) {
  TargetsConfig config;
  std::optional<YamlMap> map = root.map("targets");
  if (!map) return config;
  if (map->has("files")) config.files = read_files(*map, beside);
  config.servers = read_servers(*map, beside);
  config.agents = read_agents(*map);
  config.lease = map->duration("lease", 5s, 24h).value_or(config.lease);
  read_label_name(*map, "site_label", config.site_label);
  read_label_name(*map, "weight_label", config.weight_label);
  if (config.agents.empty() && !(config.files.empty() && config.servers.empty())) {
    map->complain("agents",
                  "nobody would look at these targets: say by their labels which hosts do, as in "
                  "agents: {role: [monitor]}");
  }
  return config;
}

std::vector<std::string*> paths_of(TargetsConfig& config) {
  std::vector<std::string*> paths;
  for (std::string& file : config.files)
    paths.push_back(&file);
  for (TargetServer& server : config.servers) {
    const std::vector<std::string*> files = paths_of(server.http);
    paths.insert(paths.end(), files.begin(), files.end());
  }
  return paths;
}

}  // namespace muster::collector
