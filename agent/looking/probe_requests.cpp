#include "agent/looking/probe_requests.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <variant>

#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"
#include "common/targets/target_address.h"
#include "common/targets/target_kinds.h"
#include "muster/v1/probe.pb.h"

namespace muster::agent {
namespace {

bool is_of(std::string_view probe, std::string_view kind) {
  const TargetKind* const found = find_target_kind(kind);
  return found != nullptr && found->probe == probe;
}

// As parse_network reads it.
std::string text_of_network(const AllowedTargets::Network& network) {
  return std::visit(
      [](const auto& of_version) {
        const auto bytes = of_version.address().to_bytes();
        std::array<char, INET6_ADDRSTRLEN> text{};
        ::inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), text.data(),
                    text.size());
        return fmt::format("{}/{}", text.data(), of_version.prefix_length());
      },
      network);
}

ProbeOrders orders_of(const ProbeRow& row, const ProbeConfig& config, const std::string& root,
                      const std::optional<v1::TargetRules>& rules) {
  v1::ProbeRequest request;
  request.set_root(root);
  for (const auto& [name, values] : config.settings) {
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name(name);
    setting.mutable_values()->Assign(values.begin(), values.end());
  }
  if (rules) *request.mutable_target_rules() = *rules;
  ProbeOrders orders;
  orders.enabled = config.enabled;
  orders.timeout_milliseconds = static_cast<uint32_t>(
      std::chrono::ceil<std::chrono::milliseconds>(std::min(config.timeout, kLongestTimeout))
          .count());
  orders.request = request.SerializeAsString();
  for (const ProbeSettingRow& setting : row.settings) {
    if (setting.kind != ProbeSettingRow::Kind::kPaths) continue;
    const auto found = config.settings.find(std::string(setting.name));
    if (found != config.settings.end()) {
      orders.paths.insert(orders.paths.end(), found->second.begin(), found->second.end());
    }
  }
  return orders;
}

}  // namespace

v1::TargetRules target_rules(const Config& config, std::string_view probe, TargetReach reach) {
  v1::TargetRules rules;
  for (const AllowedTargets& allowed : config.allowed_targets) {
    const std::vector<std::string>& kinds = allowed.kinds;
    const bool concerns =
        kinds.empty() || std::any_of(kinds.begin(), kinds.end(), [probe](const std::string& kind) {
          return is_of(probe, kind);
        });
    if (!concerns) continue;
    v1::AllowedTarget& entry = *rules.add_allow();
    for (const AllowedTargets::Network& network : allowed.networks)
      entry.add_networks(text_of_network(network));
    entry.mutable_names()->Assign(allowed.names.begin(), allowed.names.end());
    entry.mutable_ports()->Assign(allowed.ports.begin(), allowed.ports.end());
    entry.mutable_kinds()->Assign(kinds.begin(), kinds.end());
    if (allowed.proxy) entry.set_proxy(allowed.proxy->text());
  }
  for (const Target& own : config.own_targets) {
    if (!is_of(probe, own.kind)) continue;
    const absl::StatusOr<Address> dialled = dialled_address(own.kind, own.address);
    if (dialled.ok()) rules.add_own(dialled->text());
  }
  rules.set_anywhere(reach == TargetReach::kAnywhere);
  rules.set_per_second(config.looks_per_second);
  rules.set_per_address_per_second(config.looks_per_address_per_second);
  return rules;
}

absl::StatusOr<std::string> probe_requests(const Config& config, const std::string& root,
                                           TargetReach reach) {
  RequestTable table;
  table.probe_directory = config.probe_directory;
  for (size_t i = 0; i < all_probes().size(); ++i) {
    const ProbeRow& row = all_probes()[i];
    std::optional<v1::TargetRules> rules;
    if (looks_at_targets(row)) {
      rules = target_rules(config, row.name, reach);
    } else if (row.sandbox.reach == SandboxDeclaration::Reach::kNetwork) {
      rules.emplace().set_own_host_only(true);
    }
    table.rows.push_back(orders_of(row, config.probes[i], root, rules));
    const size_t size = table.rows.back().request.size();
    if (size > kRequestLimit) {
      return absl::InvalidArgumentError(fmt::format(
          "what the configuration asks of the probe {} is {} bytes, at most {} are taken: "
          "shorten {}",
          row.name, size, kRequestLimit, rules ? "targets.allow" : "its settings"));
    }
  }
  return write_request_table(table);
}

Config default_probe_config() {
  Config config;
  for (const ProbeRow& row : all_probes()) {
    config.probes.push_back({.enabled = !row.is_opt_in,
                             .interval = row.interval,
                             .timeout = row.timeout,
                             .settings = {}});
  }
  return config;
}

}  // namespace muster::agent
