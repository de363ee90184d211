#include "agent/probes/lifecycle/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/src.hpp>
#include <string>

#include "common/text.h"

namespace muster::lifecycle {
namespace {

namespace json = boost::json;

constexpr std::string_view kExtendedLts = "freexian.com/extended-lts";

// The member of that name and type, or null.
const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

// "enabled"; empty if the service is not named.
std::string_view status_of(const json::array& services, std::string_view name) {
  for (const json::value& each : services) {
    const json::object* service = each.if_object();
    if (service == nullptr) continue;
    const json::value* its_name = member(*service, "name");
    const json::value* status = member(*service, "status");
    if (its_name == nullptr || status == nullptr) continue;
    const json::string* name_text = its_name->if_string();
    const json::string* status_text = status->if_string();
    if (name_text == nullptr || status_text == nullptr) continue;
    if (std::string_view(name_text->data(), name_text->size()) == name) {
      return {status_text->data(), status_text->size()};
    }
  }
  return {};
}

// "Enabled: no" of a stanza, in every case and word that apt takes.
bool is_switched_off(std::string_view line) {
  constexpr std::string_view kField = "enabled:";
  constexpr auto kWords =
      std::to_array<std::string_view>({"no", "false", "without", "off", "disable"});
  std::string lower(line.substr(0, 64));
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!lower.starts_with(kField)) return false;
  const std::string_view value = trim(std::string_view(lower).substr(kField.size()));
  return std::find(kWords.begin(), kWords.end(), value) != kWords.end();
}

}  // namespace

absl::StatusOr<ProCoverage> parse_pro_status(std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return absl::InvalidArgumentError(fmt::format("it is no JSON: {}", error.message()));
  const json::object* status = document.if_object();
  const json::value* attached = status != nullptr ? member(*status, "attached") : nullptr;
  if (attached == nullptr || !attached->is_bool()) {
    return absl::InvalidArgumentError("it does not say whether the host is attached");
  }
  ProCoverage coverage;
  if (!attached->get_bool()) return coverage;
  const json::value* services = member(*status, "services");
  if (services == nullptr || !services->is_array()) {
    return absl::InvalidArgumentError("the host is attached, and it names no services");
  }
  if (status_of(services->get_array(), "esm-infra") == "enabled") {
    coverage.esm = v1::SUPPORT_COVERAGE_ENABLED;
  }
  const std::string_view legacy = status_of(services->get_array(), "esm-infra-legacy");
  if (legacy == "enabled") coverage.legacy = v1::SUPPORT_COVERAGE_ENABLED;
  if (legacy.empty()) coverage.legacy = v1::SUPPORT_COVERAGE_UNSPECIFIED;
  return coverage;
}

bool has_extended_lts(std::string_view text, bool is_deb822) {
  bool is_named = false;
  bool is_off = false;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    if (line.empty() && is_deb822) {  // the end of a stanza
      if (is_named && !is_off) return true;
      is_named = false;
      is_off = false;
    }
    if (line.starts_with('#')) continue;
    const bool has_it = line.find(kExtendedLts) != std::string_view::npos;
    if (!is_deb822 && has_it && (line.starts_with("deb ") || line.starts_with("deb\t")))
      return true;
    if (!is_deb822) continue;
    is_named = is_named || has_it;
    if (is_switched_off(line)) is_off = true;
  }
  return is_deb822 && is_named && !is_off;
}

}  // namespace muster::lifecycle
