#include "agent/probes/intrusion_detection/wazuh.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "agent/probes/intrusion_detection/ossec_files.h"
#include "agent/probes/intrusion_detection/wazuh_state.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_json.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

// It is written every five seconds (agent.state_interval).
constexpr auto kOldState = std::chrono::minutes(10);
constexpr auto kSlipOfClock = std::chrono::minutes(5);
// Of the buffer, in percent: below it says nothing.
constexpr uint64_t kFullBuffer = 50;

void tell_buffer(const WazuhState& state, const OssecConfig& config,
                 v1::ProtectionProduct& product) {
  if (!state.buffered || config.queue_size.value_or(0) == 0 || *state.buffered > (1U << 30)) return;
  // In tens: every look would have new facts otherwise.
  const uint64_t percent = *state.buffered * 100 / *config.queue_size / 10 * 10;
  if (percent >= kFullBuffer) {
    product.set_events_detail(
        fmt::format("its buffer of {} events is at least {} % full", *config.queue_size, percent));
  }
}

// What the state says while it is fresh.
void tell_connection(const std::string& path, const WazuhState& state, const absl::TimeZone& zone,
                     TimePoint now, v1::ProtectionProduct& product) {
  constexpr const char* kForm = "%Y-%m-%d %H:%M:%S";
  for (const std::string& time : {state.last_keepalive, state.last_ack}) {
    const auto parsed = protection::parse_time(time, {kForm}, zone);
    if (!time.empty() && !parsed) {
      return protection::add_unread(product, "management_connected",
                                    fmt::format("{}: \"{}\" is no time", path, time));
    }
    if (parsed && *parsed > now + kSlipOfClock) {
      return protection::add_unread(
          product, "management_connected",
          fmt::format("{}: {} has not come yet: see whether a clock is wrong", path, time));
    }
  }
  if (state.status == "connected") {
    product.set_management_connected(v1::ANSWER_YES);
    return;
  }
  if (state.status != "pending" && state.status != "disconnected") {
    return protection::add_unread(product, "management_connected",
                                  fmt::format("{}: its status is \"{}\"", path, state.status));
  }
  product.set_management_connected(v1::ANSWER_NO);
  protection::add_complaint(product, fmt::format("its connection is {}", state.status));
  protection::set_time(
      product, &v1::ProtectionProduct::mutable_management_last_contact_at,
      protection::whole_minutes(protection::parse_time(state.last_ack, {kForm}, zone)));
}

void read_state(const ProductLook& look, const OssecHome& home, const OssecConfig& config,
                v1::ProtectionProduct& product) {
  std::string path = home.path + "/var/run/wazuh-agentd.state";
  if (absl::IsNotFound(probe::status_in_root(look.root, path).status())) {
    const std::string old = home.path + "/var/run/ossec-agentd.state";
    if (probe::status_in_root(look.root, old).ok()) path = old;
  }
  const auto unread = [&product, &path](std::string_view why) {
    protection::add_unread(product, "management_connected", fmt::format("{}: {}", path, why));
  };
  const auto written = protection::written_at(look, path, "management_connected", product);
  const auto text = protection::read_product_file(look, path, "management_connected", product);
  if (absl::IsNotFound(text.status())) {
    return unread("there is none: it comes with the first connection");
  }
  if (!text.ok() || !written.ok()) return;
  protection::add_source(product, path);
  if (product.running() == v1::ANSWER_NO) {
    // Whatever it said last, a dead agent has no connection.
    product.set_management_connected(v1::ANSWER_NO);
    return;
  }
  if (*written > look.now + kSlipOfClock) {
    return unread("it was written in the future: see whether a clock is wrong");
  }
  if (look.now - *written > kOldState) {
    return unread(
        fmt::format("it is of {}: the agent has ended or hangs, or "
                    "agent.state_interval is changed",
                    to_iso8601(*written)));
  }
  const auto state = parse_wazuh_state(*text);
  if (!state.ok())
    return unread({state.status().message().data(), state.status().message().size()});
  const auto zone = protection::local_zone(look.root);
  if (!zone) return unread("/etc/localtime is no file of a time zone");
  tell_connection(path, *state, *zone, look.now, product);
  tell_buffer(*state, config, product);
}

// Since 4.12.
void read_version(const ProductLook& look, const OssecHome& home, v1::ProtectionProduct& product) {
  const auto text =
      probe::read_in_root(look.root, home.path + "/VERSION.json", protection::kLargestProductFile);
  if (!text.ok()) return;
  const auto version = protection::json_object_of(*text);
  if (version.ok()) product.set_version(protection::json_text(*version, "version").value_or(""));
}

}  // namespace

std::optional<v1::ProtectionProduct> read_wazuh(const ProductLook& look) {
  const auto home = find_ossec_home(look, "Wazuh");
  if (!home || !home->is_wazuh) return std::nullopt;
  v1::ProtectionProduct product;
  read_version(look, *home, product);
  const OssecConfig config = read_ossec_config(look, *home, product);
  const bool has_old_names = absl::IsNotFound(
      probe::status_in_root(look.root, home->path + "/bin/wazuh-syscheckd").status());
  const std::string prefix = has_old_names ? "ossec-" : "wazuh-";
  tell_ossec_daemons(look, home->is_agent ? "wazuh-agent.service" : "wazuh-manager.service",
                     prefix + (home->is_agent ? "agentd" : "analysisd"), prefix + "syscheckd",
                     product);
  if (home->is_agent) read_state(look, *home, config, product);
  read_ossec_log(look, *home, config, product);
  return product;
}

}  // namespace muster::intrusion_detection
