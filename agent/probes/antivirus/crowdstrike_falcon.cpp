// CrowdStrike Falcon, by `falconctl -g`: whether its sensor runs in reduced functionality mode, in
// which it detects nothing. It has no signatures, no scans and no licence of its own.
#include <fmt/format.h>

#include "agent/probes/antivirus/product_readers.h"
#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "common/text.h"

namespace muster::antivirus {
namespace {

constexpr std::string_view kNotSet = "is not set";

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

// What follows a key. falconctl has several forms, on one line or on many:
//   aid="bace43", rfm-state=false, rfm-reason=None, code=0x0, version = 6.24.12104.0
//   aid is not set, rfm-state=true.
// Without quotation marks and the dot at its end; kNotSet as it is. Unset: the key is not there.
std::optional<std::string_view> find_setting(std::string_view text, std::string_view key) {
  for (size_t at = 0; (at = text.find(key, at)) != std::string_view::npos; at += key.size()) {
    if (at > 0 && is_name(text[at - 1])) continue;
    std::string_view rest = trim(text.substr(at + key.size(), 300));
    if (rest.starts_with(kNotSet)) return kNotSet;
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    std::string_view value = trim(rest.substr(0, rest.find_first_of(",\n")));
    if (value.ends_with('.')) value.remove_suffix(1);
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return std::nullopt;
}

// The next setting may stand right behind the version, without anything between.
std::string_view version_of(std::string_view text) {
  std::string_view version = text.substr(0, text.find_first_not_of("0123456789.-"));
  if (version.ends_with('.')) version.remove_suffix(1);
  return version;
}

void read_mode(std::string_view text, v1::ProtectionProduct& product) {
  constexpr std::string_view kState = "rfm-state";
  const auto state = find_setting(text, kState);
  if (state == kNotSet) {
    protection::add_unread_all(product, {"mode", "real_time"},
                               "rfm-state is not set: the sensor is not loaded");
    return;
  }
  const v1::Answer reduced = protection::meaning_of(
      state, kState, {{"true", v1::ANSWER_YES}, {"false", v1::ANSWER_NO}}, "mode", product);
  if (reduced == v1::ANSWER_UNSPECIFIED) {
    protection::add_not_understood(state, kState, "real_time", product);
  } else if (reduced == v1::ANSWER_YES) {
    const auto reason = find_setting(text, "rfm-reason");
    product.set_mode(v1::PROTECTION_MODE_REDUCED);
    const bool has_reason = reason && *reason != "None" && *reason != kNotSet;
    product.set_mode_words(has_reason ? fmt::format("RFM: {}", *reason) : "RFM, without a reason");
    product.set_real_time(v1::ANSWER_NO);
  } else if (product.running() == v1::ANSWER_YES) {
    product.set_mode(v1::PROTECTION_MODE_ACTIVE);
    product.set_real_time(v1::ANSWER_YES);
  } else {
    // It stays what it was when the sensor last ran.
    protection::add_unread_all(product, {"mode", "real_time"},
                               "rfm-state is false; whether the sensor runs is not known");
  }
}

}  // namespace

std::optional<v1::ProtectionProduct> read_crowdstrike_falcon(const protection::ProductLook& look) {
  if (!protection::is_there(look, "CrowdStrike Falcon", {"/opt/CrowdStrike"})) return std::nullopt;
  v1::ProtectionProduct product;
  // With eBPF it is called falcon-sensor-bpf; the unit has both.
  protection::set_running(look, {"falcon-sensor.service"}, "falcon-sensor", product);
  if (product.running() == v1::ANSWER_NO) {
    protection::set_running(look, {}, "falcon-sensor-bpf", product);
  }
  const bool stopped = product.running() == v1::ANSWER_NO;
  if (stopped) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("the sensor does not run");
    product.set_real_time(v1::ANSWER_NO);
  }
  const auto text = protection::answer_text(look, "crowdstrike-falcon", "falconctl -g",
                                            {"version", "management_connected"}, product);
  if (!text) {
    if (!stopped) {
      protection::add_unread_all(product, {"mode", "real_time"},
                                 probe::complaint_about(look.answers, "crowdstrike-falcon"));
    }
    return product;
  }
  if (!stopped) read_mode(*text, product);
  const auto version = find_setting(*text, "version");
  product.set_version(std::string(version_of(version.value_or(""))));
  if (product.version().empty()) {
    protection::add_not_understood(version, "version", "version", product);
  }
  const auto agent = find_setting(*text, "aid");
  if (agent == kNotSet) {
    product.set_management_connected(v1::ANSWER_NO);
    protection::add_complaint(product, "it has no agent id: it never reached CrowdStrike's cloud");
  } else if (!agent) {
    protection::add_not_understood(agent, "aid", "management_connected", product);
  }
  return product;
}

}  // namespace muster::antivirus
