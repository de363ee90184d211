#include "agent/probes/intrusion_detection/osquery_config.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/product_json.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

namespace json = boost::json;

constexpr size_t kLongestValue = 256;

void set_flag(OsquerySettings& settings, std::string_view name, std::string_view value) {
  if (name.empty() || name.size() > kLongestValue) return;
  if (settings.flags.size() >= kMostOsqueryFlags &&
      settings.flags.find(name) == settings.flags.end())
    return;
  settings.flags[std::string(name)] = printable(value, kLongestValue);
}

// Lines that are comments as a whole: osquery takes both kinds, JSON none.
std::string without_comments(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::string_view line = protection::take_line(text);
    if (line.starts_with('#') || line.starts_with("//")) continue;
    result += line;
    result += '\n';
  }
  return result;
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return {text->data(), text->size()};
  if (const bool* flag = value.if_bool()) return *flag ? "true" : "false";
  if (const int64_t* number = value.if_int64()) return std::to_string(*number);
  return {};
}

// As gflags reads a bool.
bool is_true(std::string_view value) {
  return value == "true" || value == "1" || value == "t" || value == "yes" || value == "y";
}

}  // namespace

void parse_osquery_flags(std::string_view text, OsquerySettings& settings) {
  while (!text.empty()) {
    std::string_view line = protection::take_line(text);
    if (!take_prefix(line, "--") && !take_prefix(line, "-")) continue;
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      set_flag(settings, trim(line.substr(0, equals)), trim(line.substr(equals + 1)));
    } else if (take_prefix(line, "no")) {
      set_flag(settings, line, "false");
    } else {
      set_flag(settings, line, "true");
    }
  }
}

absl::Status parse_osquery_config(std::string_view text, OsquerySettings& settings) {
  const auto config = protection::json_object_of(without_comments(text));
  if (!config.ok()) return config.status();
  if (const json::value* options = protection::json_member(*config, "options")) {
    if (!options->is_object()) return absl::InvalidArgumentError("its options are no object");
    for (const auto& [name, value] : options->get_object())
      set_flag(settings, {name.data(), name.size()}, text_of(value));
  }
  const json::value* paths = protection::json_member(*config, "file_paths");
  if (paths == nullptr) return absl::OkStatus();
  if (!paths->is_object()) return absl::InvalidArgumentError("its file_paths are no object");
  for (const auto& [category, value] : paths->get_object()) {
    if (const json::array* list = value.if_array()) settings.watched_paths += list->size();
  }
  return absl::OkStatus();
}

std::string_view osquery_flag(const OsquerySettings& settings, std::string_view name,
                              std::string_view otherwise) {
  const auto found = settings.flags.find(name);
  return found == settings.flags.end() ? otherwise : found->second;
}

std::string why_no_file_events(const OsquerySettings& settings) {
  const auto is_set = [&settings](std::string_view name, std::string_view otherwise) {
    return is_true(osquery_flag(settings, name, otherwise));
  };
  if (is_set("disable_events", "true")) return "disable_events is not false";
  // By inotify, or by the audit subsystem.
  const bool by_audit =
      !is_set("disable_audit", "true") && is_set("audit_allow_fim_events", "false");
  if (!is_set("enable_file_events", "false") && !by_audit) return "enable_file_events is not true";
  return settings.watched_paths == 0 ? "file_paths names none" : "";
}

}  // namespace muster::intrusion_detection
