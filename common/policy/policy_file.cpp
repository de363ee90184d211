#include "common/policy/policy_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "common/policy/rules.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::policy {
namespace {

constexpr size_t kMostControls = 500;
constexpr size_t kLongestId = 64;
constexpr size_t kLongestTitle = 200;
constexpr Duration kSecond = std::chrono::seconds(1);

// Reads the value of a parameter into its place in the control.
template <typename T>
void set(T& place, std::optional<T> value) {
  if (value) place = *std::move(value);
}

std::optional<ParameterValue> read_value(YamlMap& map, const Parameter& parameter) {
  return std::visit(
      [&map, &parameter](auto usual) -> std::optional<ParameterValue> {
        using T = decltype(usual);
        const T low = std::get<T>(parameter.low);
        const T high = std::get<T>(parameter.high);
        if constexpr (std::is_same_v<T, Duration>) {
          return map.duration(parameter.name, low, high);
        } else if constexpr (std::is_same_v<T, double>) {
          return map.number(parameter.name, low, high);
        } else {
          return map.integer(parameter.name, low, high);
        }
      },
      parameter.usual);
}

void read_parameters(YamlMap& map, const Rule& rule, Control& control) {
  if (rule.has_deadline) {
    if (const auto deadline = map.duration("deadline", Duration::zero(), kTenYears)) {
      control.deadlines = Deadlines::all(*deadline);
    }
  }
  for (const Parameter& parameter : rule.parameters) {
    if (const auto value = read_value(map, parameter)) {
      control.parameters.emplace_back(parameter.name, *value);
    }
  }
}

const Rule* read_rule(YamlMap& map) {
  std::vector<std::string_view> names;
  for (const Rule& rule : all_rules())
    names.push_back(rule.name);
  map.require("rule");
  const std::optional<std::string> name = map.one_of("rule", names);
  return name ? find_rule(*name) : nullptr;
}

v1::Severity read_severity(YamlMap& map, v1::Severity otherwise) {
  const std::optional<std::string> name =
      map.one_of("severity", {"low", "medium", "high", "critical"});
  for (const v1::Severity severity :
       {v1::SEVERITY_LOW, v1::SEVERITY_MEDIUM, v1::SEVERITY_HIGH, v1::SEVERITY_CRITICAL}) {
    if (name && severity_name(severity) == *name) return severity;
  }
  return otherwise;
}

std::string read_id(YamlMap& map, std::set<std::string>& taken) {
  map.require("id");
  std::string id = map.text("id").value_or("");
  if (!map.has("id")) return id;
  const bool fits = !id.empty() && id.size() <= kLongestId &&
                    std::all_of(id.begin(), id.end(), [](unsigned char c) {
                      return c < 0x80 && (std::isalnum(c) != 0 || c == '-');
                    });
  if (!fits) {
    map.complain("id", fmt::format("an id is 1 to {} letters, digits and dashes", kLongestId));
  } else if (!taken.insert(id).second) {
    map.complain("id", fmt::format("the id '{}' comes twice", id));
  }
  return id;
}

Control read_control(YamlMap& map, std::set<std::string>& ids) {
  Control control;
  control.id = read_id(map, ids);
  map.require("title");
  set(control.title, map.text("title"));
  if (control.title.size() > kLongestTitle) {
    map.complain("title", fmt::format("a title has at most {} bytes", kLongestTitle));
  }
  control.severity = read_severity(map, control.severity);
  set(control.max_age, map.duration("max_age", kSecond, kTenYears));
  const Rule* const rule = read_rule(map);
  if (rule != nullptr) {
    control.rule = rule->name;
    read_parameters(map, *rule, control);
    return control;
  }
  // Which parameters belong to it cannot be told: one complaint about the rule is enough.
  for (const Rule& any : all_rules())
    read_parameters(map, any, control);
  return control;
}

}  // namespace

absl::StatusOr<Policy> parse_policy(const std::string& text, std::string name) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, std::move(name));
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  Policy policy;
  std::set<std::string> ids;
  root.require("controls");
  std::vector<YamlMap> controls = root.maps("controls");
  if (controls.size() > kMostControls) {
    root.complain("controls", fmt::format("more than {} controls", kMostControls));
    controls.erase(controls.begin() + kMostControls, controls.end());
  }
  if (controls.empty() && root.has("controls")) {
    root.complain("controls", "a policy without controls judges nothing");
  }
  for (YamlMap& map : controls)
    policy.controls.push_back(read_control(map, ids));
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return policy;
}

const Policy& default_policy() {
  static const Policy policy = [] {
    absl::StatusOr<Policy> parsed =
        parse_policy(std::string(default_policy_text()), "default_policy.yml");
    if (!parsed.ok()) {
      // It is compiled in and a test reads it: only a broken build gets here.
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return *std::move(parsed);
  }();
  return policy;
}

}  // namespace muster::policy
