#include "collector/policy_words/policy_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "collector/policy_words/rule_words.h"
#include "common/duration.h"
#include "common/policy/flag_parameter.h"
#include "common/policy/rules.h"
#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

std::string either(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " or "));
}

std::string label_words(const std::string& name, const std::vector<std::string>& values) {
  std::vector<std::string> pairs;
  for (const std::string& value : values)
    pairs.push_back(name + "=" + value);
  return "with the label " + either(pairs);
}

// "host", "target", "tcp target", "host and target".
std::string one_words(std::string_view kind) {
  if (kind.empty()) return "host and target";
  if (kind == policy::kHostKind || kind == policy::kAnyTarget) return std::string(kind);
  return fmt::format("{} {}", kind, policy::kAnyTarget);
}

std::string kind_words(std::string_view kind) {
  return kind.empty() ? "hosts and targets" : one_words(kind) + "s";
}

void add_parameter(v1::ControlDescription& description, std::string_view name, std::string value,
                   bool is_usual) {
  v1::PolicyParameter& parameter = *description.add_parameters();
  parameter.set_name(std::string(name));
  parameter.set_value(std::move(value));
  parameter.set_is_usual(is_usual);
}

bool is_told(const policy::Control& control, std::string_view name) {
  return std::any_of(control.parameters.begin(), control.parameters.end(),
                     [name](const auto& parameter) { return parameter.first == name; });
}

}  // namespace

std::string selector_words(const policy::Policy& policy, const policy::Selector& selector) {
  std::vector<std::string> parts;
  const std::string kind = kind_words(selector.kind);
  if (!selector.hosts.empty()) parts.push_back(kind + " " + either(selector.hosts));
  for (const auto& [name, values] : selector.labels)
    parts.push_back(label_words(name, values));
  std::vector<std::string> groups;
  for (const size_t group : selector.groups)
    groups.push_back(policy.groups[group].name);
  if (!groups.empty()) parts.push_back("in the group " + either(groups));
  if (!selector.os.empty()) parts.push_back("with the system " + either(selector.os));
  for (const policy::Selector& except : selector.except)
    parts.push_back(fmt::format("not ({})", selector_words(policy, except)));
  if (parts.empty()) return "every " + one_words(selector.kind);
  if (selector.hosts.empty()) parts.front() = kind + " " + parts.front();
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string value_words(const policy::Parameter& parameter, const policy::ParameterValue& value) {
  if (policy::is_flag(parameter)) return std::get<int64_t>(value) == 1 ? "true" : "false";
  if (const Duration* duration = std::get_if<Duration>(&value)) return format_duration(*duration);
  if (const double* fraction = std::get_if<double>(&value)) return fmt::format("{:g}", *fraction);
  if (const policy::Globs* globs = std::get_if<policy::Globs>(&value)) {
    return globs->empty() ? "none" : fmt::format("[{}]", fmt::join(*globs, ", "));
  }
  return fmt::format("{}", std::get<int64_t>(value));
}

std::string deadlines_words(const policy::Deadlines& deadlines) {
  if (deadlines == policy::Deadlines{}) return "none";
  if (deadlines == policy::Deadlines::all(deadlines.low)) return format_duration(deadlines.low);
  std::vector<std::string> parts;
  for (const v1::Severity severity :
       {v1::SEVERITY_CRITICAL, v1::SEVERITY_HIGH, v1::SEVERITY_MEDIUM, v1::SEVERITY_LOW}) {
    parts.push_back(fmt::format("{} {}", policy::severity_name(severity),
                                format_duration(deadlines.of(severity))));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

v1::ControlDescription describe_control(const policy::Policy& policy,
                                        const policy::Control& control) {
  v1::ControlDescription description;
  description.set_id(control.id);
  description.set_title(control.title);
  description.set_severity(control.severity);
  description.set_rule(control.rule);
  const RuleWords words = words_of_rule(control.rule);
  description.set_asks(std::string(words.asks));
  description.set_remedy(std::string(words.remedy));
  const policy::Rule* const rule = policy::find_rule(control.rule);
  if (rule != nullptr) {
    for (const policy::Parameter& known : rule->parameters) {
      add_parameter(description, known.name,
                    value_words(known, *policy::find_parameter(control, known.name)),
                    !is_told(control, known.name));
    }
    if (rule->has_deadline) {
      add_parameter(description, "deadline", deadlines_words(control.deadlines), false);
    }
    if (!rule->looks_at_reports && !rule->probes.empty()) {
      add_parameter(description, "max_age", format_duration(control.max_age), false);
    }
  }
  description.set_applies_to(selector_words(policy, control.applies_to));
  for (const auto& [name, ids] : control.frameworks) {
    v1::Framework& framework = *description.add_frameworks();
    framework.set_name(name);
    framework.mutable_ids()->Assign(ids.begin(), ids.end());
  }
  return description;
}

v1::WaiverDescription describe_waiver(const policy::Waiver& waiver) {
  v1::WaiverDescription description;
  description.set_id(waiver.id);
  description.set_control(waiver.control);
  description.mutable_subjects()->Assign(waiver.subjects.begin(), waiver.subjects.end());
  description.set_reason(waiver.reason);
  description.set_approved_by(waiver.approved_by);
  description.set_ticket(waiver.ticket);
  *description.mutable_starts() = to_proto(waiver.starts);
  *description.mutable_ends() = to_proto(waiver.ends);
  return description;
}

}  // namespace muster::collector
