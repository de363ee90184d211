#include "common/policy/file/controls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/flag_parameter.h"
#include "common/policy/rules.h"
#include "common/policy/status.h"
#include "common/text.h"

namespace muster::policy {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);
constexpr std::string_view kBySeverity = "by-severity";
// By the names that reports and dashboards use: CIS Controls v8, NIST SP 800-53 r5, ISO/IEC
// 27001:2022 annex A, PCI DSS 4.0.1, the NIS2 implementing regulation 2024/2690, GB/T 22239-2019.
constexpr std::array<std::string_view, 6> kFrameworks = {"cis-8",     "nist-800-53", "iso-27001",
                                                         "pci-dss-4", "nis2",        "gbt-22239"};

Deadlines read_severities(YamlMap& map) {
  Deadlines deadlines;
  const std::array<std::pair<std::string_view, Duration*>, 4> each = {
      {{"critical", &deadlines.critical},
       {"high", &deadlines.high},
       {"medium", &deadlines.medium},
       {"low", &deadlines.low}}};
  for (const auto& [name, time] : each) {
    map.require(name);
    *time = map.duration(name, Duration::zero(), kTenYears).value_or(Duration::zero());
  }
  return deadlines;
}

Deadlines read_deadline(YamlMap& map, const std::optional<Deadlines>& by_severity) {
  if (map.is_map("deadline")) {
    YamlMap each = *map.map("deadline");
    return read_severities(each);
  }
  const std::optional<std::string> text = map.text("deadline");
  if (!text) return {};
  if (*text != kBySeverity) {
    return Deadlines::all(
        map.duration("deadline", Duration::zero(), kTenYears).value_or(Duration::zero()));
  }
  if (by_severity) return *by_severity;
  map.complain("deadline",
               "no file says what by-severity means: add a line like 'deadlines: {critical: 3d, "
               "high: 7d, medium: 30d, low: 90d}' at the top of one");
  return {};
}

template <typename T>
std::optional<ParameterValue> read_number(YamlMap& map, const Parameter& parameter) {
  const T low = std::get<T>(parameter.low);
  const T high = std::get<T>(parameter.high);
  if constexpr (std::is_same_v<T, Duration>) {
    return map.duration(parameter.name, low, high);
  } else if constexpr (std::is_same_v<T, double>) {
    return map.number(parameter.name, low, high);
  } else {
    return map.integer(parameter.name, low, high);
  }
}

std::optional<ParameterValue> read_value(YamlMap& map, const Parameter& parameter) {
  if (is_flag(parameter)) {
    const std::optional<bool> value = map.boolean(parameter.name);
    if (!value) return std::nullopt;
    return int64_t{*value ? 1 : 0};
  }
  return std::visit(
      [&map, &parameter](const auto& usual) -> std::optional<ParameterValue> {
        using T = std::decay_t<decltype(usual)>;
        if constexpr (std::is_same_v<T, Globs>) {
          Globs globs = read_items(map, parameter.name);
          if (globs.empty()) return std::nullopt;
          return globs;
        } else {
          return read_number<T>(map, parameter);
        }
      },
      parameter.usual);
}

const Rule* read_rule(YamlMap& map) {
  std::vector<std::string_view> names;
  for (const Rule& rule : all_rules())
    names.push_back(rule.name);
  map.require("rule");
  const std::optional<std::string> name = map.one_of("rule", names);
  return name ? find_rule(*name) : nullptr;
}

void read_parameters(YamlMap& map, const Rule& rule, Control& control) {
  for (const Parameter& parameter : rule.parameters) {
    if (const auto value = read_value(map, parameter)) {
      control.parameters.emplace_back(parameter.name, *value);
    }
  }
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

bool is_framework_id(std::string_view id) {
  return std::isalnum(static_cast<unsigned char>(id.front())) != 0 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view(".()-").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

std::vector<std::string> read_framework_ids(YamlMap& map, const std::string& name) {
  std::vector<std::string> ids = read_items(map, name, kLongestFrameworkId);
  if (ids.size() > kMostFrameworkIds) {
    map.complain(name, fmt::format("more than {} ids of one framework", kMostFrameworkIds));
    return {};
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty() || is_framework_id(ids[i])) continue;
    map.complain_of_item(name, i,
                         fmt::format("'{}' is no id of a framework: they have letters, digits, "
                                     "'.', '-' and brackets, like \"7.3\" or SI-2(5)",
                                     printable(ids[i], 80)));
  }
  return ids;
}

void read_frameworks(YamlMap& map, Control& control) {
  std::optional<YamlMap> frameworks = map.map("frameworks");
  if (!frameworks) return;
  for (const std::string_view name : kFrameworks) {
    if (!frameworks->has(name)) continue;
    control.frameworks[std::string(name)] = read_framework_ids(*frameworks, std::string(name));
  }
}

// Whether what the control is required of is what its rule judges; complains if not.
void check_kind(YamlMap& map, const Rule& rule, const Selector& applies_to) {
  if (rule.judges(applies_to.kind)) return;
  const std::string_view key = map.has("applies_to") ? "applies_to" : "rule";
  if (!rule.other_kind.empty()) {
    map.complain(key, fmt::format("the rule {0} judges hosts, and targets of the kind {1}: write "
                                  "'applies_to: {{kind: {1}}}', or leave the kind out",
                                  rule.name, rule.other_kind));
  } else if (rule.kind == kHostKind) {
    map.complain(key,
                 fmt::format("the rule {} judges hosts: remove 'kind: {}', or take a rule that "
                             "judges targets",
                             rule.name, applies_to.kind));
  } else {
    map.complain(key, fmt::format("the rule {0} judges targets of the kind {1}: write 'applies_to: "
                                  "{{kind: {1}}}', with what else there is",
                                  rule.name, rule.kind));
  }
}

Control read_control(YamlMap& map, const std::optional<Deadlines>& by_severity,
                     SelectorReader& selectors) {
  Control control;
  control.place.text = map.place();
  control.id = read_id(map, "id");
  control.title = require_text(map, "title");
  control.severity = read_severity(map, control.severity);
  control.max_age = map.duration("max_age", kSecond, kTenYears).value_or(control.max_age);
  control.applies_to = selectors.read_at(map, "applies_to", kHostKind);
  read_frameworks(map, control);
  const Rule* const rule = read_rule(map);
  if (rule == nullptr) {
    // Which parameters belong to it cannot be told: one complaint about the rule is enough.
    for (const Rule& any : all_rules())
      read_parameters(map, any, control);
    map.has("deadline");
    return control;
  }
  control.rule = rule->name;
  check_kind(map, *rule, control.applies_to);
  read_parameters(map, *rule, control);
  if (rule->has_deadline) {
    control.deadlines = read_deadline(map, by_severity);
  } else if (map.has("deadline")) {
    map.complain("deadline", fmt::format("the rule {} has no deadline to give: what is unmet has "
                                         "its own date, or fails at once; remove the line",
                                         rule->name));
  }
  return control;
}

}  // namespace

std::optional<Deadlines> read_deadlines(std::span<YamlMap> files) {
  std::optional<Deadlines> deadlines;
  TakenNames taken("the key");
  for (YamlMap& file : files) {
    std::optional<YamlMap> map = file.map("deadlines");
    if (!map) continue;
    taken.take(file, "deadlines", "deadlines");
    deadlines = read_severities(*map);
  }
  return deadlines;
}

std::vector<Control> read_controls(std::vector<YamlMap>& maps,
                                   const std::optional<Deadlines>& by_severity,
                                   SelectorReader& selectors) {
  TakenNames taken("the id");
  std::vector<Control> controls;
  controls.reserve(maps.size());
  for (YamlMap& map : maps) {
    controls.push_back(read_control(map, by_severity, selectors));
    if (!controls.back().id.empty()) taken.take(map, "id", controls.back().id);
  }
  return controls;
}

}  // namespace muster::policy
