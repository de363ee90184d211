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
constexpr Duration kTenYears = std::chrono::days(3653);

// Reads the value of a parameter into its place in the control.
template <typename T>
void set(T& place, std::optional<T> value) {
  if (value) place = *std::move(value);
}

void read_parameter(YamlMap& map, std::string_view name, Control& control) {
  if (name == "deadline") {
    set(control.deadline, map.duration(name, Duration::zero(), kTenYears));
  } else if (name == "lists_max_age") {
    set(control.lists_max_age, map.duration(name, kSecond, kTenYears));
  } else if (name == "renew_before") {
    set(control.renew_before, map.duration(name, Duration::zero(), kTenYears));
  } else if (name == "last_fraction") {
    set(control.last_fraction, map.number(name, 0, 1));
  } else if (name == "silent_after") {
    set(control.silent_after, map.duration(name, kSecond, kTenYears));
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
    for (const std::string_view parameter : rule->parameters) {
      read_parameter(map, parameter, control);
    }
    return control;
  }
  // Which parameters belong to it cannot be told: one complaint about the rule is enough.
  for (const Rule& any : all_rules()) {
    for (const std::string_view parameter : any.parameters)
      read_parameter(map, parameter, control);
  }
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
