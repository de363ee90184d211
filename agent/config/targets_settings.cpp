#include "agent/config/targets_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/output/status_text.h"
#include "common/targets/target_file.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster::agent {
namespace {

constexpr size_t kNameLimit = 64;
constexpr int64_t kMostLooksPerSecond = 10'000;
constexpr int64_t kMostLooksPerAddressPerSecond = 1'000;

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

void read_kinds(YamlMap& entry, AllowedTargets& allowed) {
  std::optional<std::vector<std::string>> kinds = entry.texts("kinds");
  if (!kinds) return;
  // Without any it would be as if the key were not there: every kind.
  if (kinds->empty()) {
    entry.complain("kinds", fmt::format("name kinds, of {}, or leave it out for all of them",
                                        fmt::join(target_kind_names(), ", ")));
  }
  for (const std::string& kind : *kinds) {
    const absl::Status status = check_target_kind(kind);
    if (!status.ok()) entry.complain("kinds", text_of(status));
  }
  allowed.kinds = *std::move(kinds);
}

// What is dialled in place of a target is root's word, for one kind and by name alone.
void read_proxy(YamlMap& entry, AllowedTargets& allowed) {
  const std::optional<std::string> text = entry.text("proxy");
  if (!text) return;
  absl::StatusOr<Address> proxy = parse_target_address(*text);
  if (!proxy.ok()) {
    entry.complain("proxy", fmt::format("'{}' is not the address of a proxy: write it like "
                                        "proxy.example.org:3128",
                                        printable(*text, 256)));
    return;
  }
  if (allowed.names.empty() || !allowed.networks.empty()) {
    entry.complain("proxy", "it is for names, and an entry that has it has no networks");
  }
  if (allowed.kinds != std::vector<std::string>{"tls"}) {
    entry.complain("proxy", "an entry that has it is for kinds: [tls]");
  }
  allowed.proxy = *std::move(proxy);
}

AllowedTargets read_allowed_targets(YamlMap& entry) {
  AllowedTargets allowed;
  for (const std::string& text : entry.texts("networks").value_or(std::vector<std::string>())) {
    const absl::StatusOr<AllowedTargets::Network> network = parse_network(text);
    if (!network.ok()) entry.complain("networks", text_of(network.status()));
    if (network.ok()) allowed.networks.push_back(*network);
  }
  for (const std::string& text : entry.texts("names").value_or(std::vector<std::string>())) {
    const absl::StatusOr<std::string> name = parse_allowed_name(text);
    if (!name.ok()) entry.complain("names", text_of(name.status()));
    if (name.ok()) allowed.names.push_back(*name);
  }
  for (const std::string& text : entry.texts("ports").value_or(std::vector<std::string>())) {
    const std::optional<uint16_t> port = parse_port(text);
    if (!port) entry.complain("ports", fmt::format("'{}' is not a port from 1 to 65535", text));
    if (port) allowed.ports.push_back(*port);
  }
  if (!entry.has("networks") && !entry.has("names")) {
    entry.complain("allow", "an entry needs names or networks, and ports");
  }
  read_kinds(entry, allowed);
  const bool of_domains = !allowed.kinds.empty() &&
                          std::all_of(allowed.kinds.begin(), allowed.kinds.end(), is_of_a_domain);
  if (allowed.ports.empty() && (!of_domains || entry.has("ports"))) {
    entry.complain("ports", "an entry needs 'ports' as in [443]");
  }
  read_proxy(entry, allowed);
  return allowed;
}

void read_allowed(YamlMap& targets, Config& config) {
  std::vector<YamlMap> entries = targets.maps("allow");
  if (entries.size() > kMostAllowedEntries) {
    targets.complain("allow", fmt::format("at most {} entries are taken", kMostAllowedEntries));
    return;
  }
  for (YamlMap& entry : entries)
    config.allowed_targets.push_back(read_allowed_targets(entry));
}

bool is_own_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

// As lists have them, with a name that fits behind that of its host.
Target read_own_target(YamlMap& entry) {
  Target target = read_nameless_target(entry);
  entry.require("name");
  const std::optional<std::string> name = entry.text("name");
  if (name && !is_own_name(*name)) {
    entry.complain("name",
                   fmt::format("'{}' cannot be the name of a target of an agent's own: 1 to {} "
                               "letters, digits and . _ -",
                               printable(*name, 80), kNameLimit));
  }
  target.name = name.value_or("");
  return target;
}

void read_own(YamlMap& targets, Config& config) {
  std::vector<YamlMap> entries = targets.maps("own");
  if (entries.size() > kMostOwnTargets) {
    targets.complain("own", fmt::format("at most {} targets are taken", kMostOwnTargets));
    return;
  }
  std::set<std::string> names;
  for (YamlMap& entry : entries) {
    Target target = read_own_target(entry);
    if (!names.insert(target.name).second) {
      entry.complain("name", fmt::format("there are two of the name '{}'", target.name));
    }
    config.own_targets.push_back(std::move(target));
  }
  std::sort(config.own_targets.begin(), config.own_targets.end(),
            [](const Target& a, const Target& b) { return a.name < b.name; });
}

uint32_t read_rate(YamlMap& targets, std::string_view key, int64_t most, uint32_t usual) {
  return static_cast<uint32_t>(targets.integer(key, 1, most).value_or(usual));
}

}  // namespace

void read_targets(YamlMap& root, Config& config) {
  std::optional<YamlMap> targets = root.map("targets");
  if (!targets) return;
  read_allowed(*targets, config);
  read_own(*targets, config);
  config.looks_per_second =
      read_rate(*targets, "looks_per_second", kMostLooksPerSecond, config.looks_per_second);
  config.looks_per_address_per_second =
      read_rate(*targets, "looks_per_address_per_second", kMostLooksPerAddressPerSecond,
                config.looks_per_address_per_second);
}

}  // namespace muster::agent
