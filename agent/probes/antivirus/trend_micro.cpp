// Trend Micro Deep Security Agent (Cloud One Workload Security), by `dsa_query`.
#include <fmt/format.h>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/product_times.h"

namespace muster::antivirus {
namespace {

using protection::StatusLines;

// The last second of 32 bits: "never".
constexpr std::string_view kNever = "2147483647";

// "AgentStatus.dsmUrl: https://..."; lines "AgentStatus.13: dsmUrl" before these are only an index.
void read_agent(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kState = "AgentStatus.agentState";
  constexpr std::string_view kContact = "AgentStatus.lastAgentToManagerSession";
  const auto state = lines.find(kState);
  if (!state) {
    protection::add_unread(product, "management_connected",
                           "dsa_query GetAgentStatus has no agentState");
    return;
  }
  if (*state != "green") {
    protection::add_complaint(product,
                              fmt::format("agentState is {}", protection::product_text(*state)));
  }
  const std::string_view server = lines.find("AgentStatus.dsmUrl").value_or("");
  if (server.find("://") == std::string_view::npos) {
    product.set_management_connected(v1::ANSWER_NO);
    protection::add_complaint(product, "it is not activated: no manager is known to it");
    return;
  }
  product.set_management_server(std::string(server));
  const auto contact = lines.find(kContact);
  // A manager that only asks the agent itself leaves no such time.
  if (!contact || *contact == "0") return;
  if (!protection::set_time(product, &v1::ProtectionProduct::mutable_management_last_contact_at,
                            protection::whole_minutes(protection::parse_unix_time(*contact)))) {
    protection::add_not_understood(contact, kContact, "management_last_contact_at", product);
  }
}

void read_mode(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr std::string_view kMode = "Component.AM.mode";
  constexpr std::string_view kScan = "Component.AM.scan.Realtime";
  const auto mode = lines.find(kMode);
  const bool driver_offline =
      mode == "driver-offline" || lines.find("Component.AM.driverOffline") == "true";
  if (mode == "off") {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("Component.AM.mode: off");
    product.set_real_time(v1::ANSWER_NO);
    return;
  }
  if (driver_offline) {
    product.set_mode(v1::PROTECTION_MODE_REDUCED);
    product.set_mode_words("basic functions: the driver is offline");
    product.set_real_time(v1::ANSWER_NO);
    return;
  }
  if (mode != "on") {
    protection::add_not_understood(mode, kMode, "mode", product);
    protection::add_not_understood(mode, kMode, "real_time", product);
    return;
  }
  product.set_mode(v1::PROTECTION_MODE_ACTIVE);
  // The number of the configuration by which it scans in real time.
  const auto scan = lines.find(kScan);
  if (const auto number = scan ? protection::parse_unix_time(*scan) : std::nullopt;
      number && *number > TimePoint()) {
    product.set_real_time(v1::ANSWER_YES);
  } else {
    protection::add_not_understood(scan, kScan, "real_time", product);
  }
}

// Their numbers differ from host to host: the name tells which is which.
void read_patterns(const StatusLines& lines, v1::ProtectionProduct& product) {
  constexpr int kMostPatterns = 64;
  for (int i = 1; i <= kMostPatterns; ++i) {
    const std::string pattern = fmt::format("Component.AM.version.pattern.{}.", i);
    const auto name = lines.find(pattern + "name");
    if (name != "Smart Scan Agent Pattern" && name != "Virus Pattern") continue;
    if (const auto version = lines.find(pattern + "version")) {
      product.mutable_loaded_signatures()->set_version(std::string(*version));
      return;
    }
  }
  protection::add_not_understood(std::nullopt, "Smart Scan Agent Pattern", "loaded_signatures",
                                 product);
}

void read_components(const protection::ProductLook& look, const StatusLines& lines,
                     v1::ProtectionProduct& product) {
  constexpr std::string_view kLicence = "Component.AM.licenseExpiry";
  read_mode(lines, product);
  read_patterns(lines, product);
  product.set_version(
      protection::text_or_unread(lines, "Component.CORE.version", "version", product));
  product.set_engine_version(protection::text_or_unread(lines, "Component.AM.version.engine.ATSE",
                                                        "engine_version", product));
  const auto licence = lines.find(kLicence);
  if (licence == kNever) {
    product.set_licensed(v1::ANSWER_YES);
    return;
  }
  const auto end = licence ? protection::parse_unix_time(*licence) : std::nullopt;
  const auto time = protection::time_or_unread(end, licence, kLicence, "licensed", product);
  if (!time) return;
  *product.mutable_licence_ends_at() = *time;
  product.set_licensed(protection::answer(*end > look.now));
}

}  // namespace

std::optional<v1::ProtectionProduct> read_trend_micro(const protection::ProductLook& look) {
  if (!protection::is_there(look, "Trend Micro Deep Security", {"/opt/ds_agent"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  protection::set_running(look, {"ds_agent.service"}, "ds_agent", product);
  if (const auto text = protection::answer_text(
          look, "trend-micro-status", "dsa_query -c GetAgentStatus",
          {"management_connected", "management_last_contact_at"}, product)) {
    read_agent(StatusLines(*text), product);
  }
  const bool stopped = product.running() == v1::ANSWER_NO;
  if (const auto text = protection::answer_text(
          look, "trend-micro-components", "dsa_query -c GetComponentInfo",
          {"version", "engine_version", "loaded_signatures", "licensed"}, product)) {
    read_components(look, StatusLines(*text), product);
  } else if (!stopped) {
    protection::add_unread_all(product, {"mode", "real_time"},
                               probe::complaint_about(look.answers, "trend-micro-components"));
  }
  if (stopped) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("ds_agent does not run");
    product.set_real_time(v1::ANSWER_NO);
  }
  protection::doubt_unless_it_runs(product);
  return product;
}

}  // namespace muster::antivirus
