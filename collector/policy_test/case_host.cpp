#include "collector/policy_test/case_host.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/policy_test/case_sections.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"

namespace muster::collector {
namespace {

using Names = std::vector<std::string_view>;

void complain_of_slip(YamlMap& map, std::string_view key, const std::string& name,
                      const Names& names) {
  if (nearest_name(name, names).empty()) return;
  map.complain(key, "the policy does not know " + unknown_name(name, names));
}

// A host may have labels of which the policy knows nothing; one that is nearly a word of the
// policy is a slip.
void read_labels(YamlMap& map, const policy::Policy& policy, PolicyCase& result) {
  Names declared;
  for (const auto& [name, values] : policy.labels)
    declared.push_back(name);
  for (auto& [label, value] : map.pairs()) {
    const auto known = policy.labels.find(label);
    const Names values =
        known == policy.labels.end() ? Names{} : Names(known->second.begin(), known->second.end());
    if (known == policy.labels.end()) {
      complain_of_slip(map, label, label, declared);
    } else if (std::find(values.begin(), values.end(), value) == values.end()) {
      complain_of_slip(map, label, value, values);
    }
    result.labels[label] = std::move(value);
  }
}

void read_host(YamlMap& host, const policy::Policy& policy, PolicyCase& result) {
  result.host = host.text("name").value_or(result.host);
  if (std::optional<YamlMap> labels = host.map("labels")) read_labels(*labels, policy, result);
  if (const auto enrolled_at = host.time("enrolled_at")) result.enrolled_at = enrolled_at;
  if (host.has("last_sync") && host.text("last_sync") == "never") {
    result.last_sync.reset();
    if (!result.enrolled_at) {
      host.complain("last_sync",
                    "a host that never reported has a time at which it was "
                    "enrolled: say `enrolled_at`");
    }
  } else if (host.has("last_sync")) {
    result.last_sync = host.time("last_sync");
  }
  if (const auto os = host.text("os")) {
    std::erase_if(result.sections, [](const SectionState& s) { return s.probe == "host"; });
    result.sections.push_back(section_of_os(*os, result.at));
  }
}

void read_target(YamlMap& target, const policy::Policy& policy, PolicyCase& result) {
  Names kinds;
  for (const TargetKind& kind : all_target_kinds())
    kinds.push_back(kind.name);
  if (result.kind == policy::kHostKind) target.require("kind");
  result.kind = target.one_of("kind", kinds).value_or(result.kind);
  result.host = target.text("name").value_or(result.host);
  if (std::optional<YamlMap> labels = target.map("labels")) read_labels(*labels, policy, result);
}

}  // namespace

void read_case_host(YamlMap& map, const policy::Policy& policy, PolicyCase& result) {
  std::optional<YamlMap> host = map.map("host");
  std::optional<YamlMap> target = map.map("target");
  if (host && target) map.complain("target", "a test is about a host or about a target, not both");
  if (target) read_target(*target, policy, result);
  // Whoever writes by hand means a host that reports.
  if (result.kind == policy::kHostKind && !result.last_sync) result.last_sync = result.at;
  if (host) read_host(*host, policy, result);
}

}  // namespace muster::collector
