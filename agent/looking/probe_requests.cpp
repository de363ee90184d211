#include "agent/looking/probe_requests.h"

#include <algorithm>
#include <chrono>

#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/probe.pb.h"

namespace muster::agent {
namespace {

ProbeOrders orders_of(const ProbeRow& row, const ProbeConfig& config, const std::string& root) {
  v1::ProbeRequest request;
  request.set_root(root);
  for (const auto& [name, values] : config.settings) {
    v1::ProbeSetting& setting = *request.add_settings();
    setting.set_name(name);
    setting.mutable_values()->Assign(values.begin(), values.end());
  }
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

std::string probe_requests(const Config& config, const std::string& root) {
  RequestTable table;
  table.probe_directory = config.probe_directory;
  for (size_t i = 0; i < all_probes().size(); ++i)
    table.rows.push_back(orders_of(all_probes()[i], config.probes[i], root));
  return write_request_table(table);
}

std::string default_probe_requests(const std::string& root) {
  Config config;
  for (const ProbeRow& row : all_probes()) {
    config.probes.push_back(
        {.enabled = true, .interval = row.interval, .timeout = row.timeout, .settings = {}});
  }
  return probe_requests(config, root);
}

}  // namespace muster::agent
