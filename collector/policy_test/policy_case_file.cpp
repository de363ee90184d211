#include "collector/policy_test/policy_case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "collector/policy_test/case_host.h"
#include "collector/policy_test/case_sections.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::collector {
namespace {

constexpr size_t kLongestName = 200;

constexpr std::array kStatuses{v1::STATUS_PASS,    v1::STATUS_DUE,    v1::STATUS_FAIL,
                               v1::STATUS_UNKNOWN, v1::STATUS_WAIVED, v1::STATUS_NOT_APPLICABLE};

std::optional<v1::Status> read_status(YamlMap& map, std::string_view key) {
  std::vector<std::string_view> names;
  for (const v1::Status status : kStatuses)
    names.push_back(policy::status_name(status));
  const std::optional<std::string> name = map.one_of(key, names);
  for (const v1::Status status : kStatuses) {
    if (name && policy::status_name(status) == *name) return status;
  }
  return std::nullopt;
}

// `sentence`: "summary" of a verdict, "reason" of a subject.
Expectation read_expectation(YamlMap& map, std::string_view sentence) {
  Expectation expectation;
  expectation.sentence = map.text(sentence);
  if (map.has("status")) expectation.status = read_status(map, "status");
  if (map.has("deadline")) {
    const bool has_none = !map.is_map("deadline") && map.text("deadline") == "none";
    expectation.deadline = has_none ? TimePoint::max() : map.time("deadline");
  }
  return expectation;
}

// Reads the tests of one file.
class CaseReader {
 public:
  CaseReader(const std::string& file, const PolicyCaseContext& context)
      : file_(file), context_(context) {
    for (const policy::Control& control : context.policy.controls)
      controls_.push_back(control.id);
    for (const policy::Waiver& waiver : context.policy.waivers)
      waivers_.push_back(waiver.id);
    for (const policy::Owner& owner : context.policy.owners)
      teams_.push_back(owner.team);
    for (const policy::MaintenanceWindow& window : context.policy.maintenance)
      windows_.push_back(window.name);
  }

  PolicyCase read(YamlMap& map, std::optional<TimePoint> at) {
    PolicyCase result;
    result.file = file_;
    map.require("name");
    result.name = map.text("name").value_or("");
    if (result.name.size() > kLongestName) {
      map.complain("name", fmt::format("a name has at most {} bytes", kLongestName));
    } else if (map.has("name") && !names_.insert(result.name).second) {
      map.complain("name", "another test of this file is called so");
    }
    if (map.has("at")) at = map.time("at");
    read_recorded(map, result, at);
    if (context_.at) at = context_.at;
    if (!at) map.complain("at", "say the time of the test: `at: 2026-11-20T12:00:00Z`");
    result.at = at.value_or(TimePoint{});
    read_case_host(map, context_.policy, result);
    if (std::optional<YamlMap> facts = map.map("facts")) {
      const std::string entity = result.kind == policy::kHostKind ? "" : result.host;
      read_case_sections(*facts, {.kind = result.kind, .name = entity}, result.at, result.sections);
    }
    if (std::optional<YamlMap> since = map.map("unmet_since")) read_unmet(*since, result);
    read_expected(map, result);
    return result;
  }

 private:
  using Names = std::vector<std::string_view>;

  // Whether the policy has a `what` of that name; else a complaint at `key`.
  static bool is_known(YamlMap& map, std::string_view key, const std::string& name,
                       const Names& names, std::string_view what) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return true;
    map.complain(key, fmt::format("the policy has no {} {}", what, unknown_name(name, names)));
    return false;
  }

  // Whether it is one that judges such a thing as the test is about.
  bool is_control(YamlMap& map, const std::string& id, const PolicyCase& about) {
    if (is_known(map, id, id, controls_, "control")) {
      const std::string& kind = context_.policy.find_control(id)->applies_to.kind;
      if (policy::selects_kind(context_.policy.find_control(id)->applies_to, about.kind))
        return true;
      map.complain(id, fmt::format("the control {} is of the kind '{}', and this test is about the "
                                   "kind '{}': it has no verdict of it",
                                   id, kind, about.kind));
    }
    // One complaint is enough.
    if (map.is_map(id)) map.map(id)->names();
    return false;
  }

  void read_recorded(YamlMap& map, PolicyCase& result, std::optional<TimePoint>& at) {
    const std::optional<std::string> file = map.text("facts_from");
    if (!file) return;
    absl::StatusOr<RecordedHost> recorded = context_.read_recorded(*file);
    if (!recorded.ok()) {
      map.complain("facts_from",
                   fmt::format("{}: {}", *file, std::string(recorded.status().message())));
      return;
    }
    if (!recorded->name.empty()) result.host = std::move(recorded->name);
    result.kind = recorded->kind;
    result.labels = std::move(recorded->labels);
    result.last_sync = recorded->last_sync;
    result.enrolled_at = recorded->enrolled_at;
    result.sections = std::move(recorded->sections);
    for (auto& [key, since] : recorded->unmet_since) {
      if (context_.policy.find_control(key.control) != nullptr)
        result.unmet_since.emplace(key, since);
    }
    if (!at) at = recorded->recorded_at;
  }

  void read_unmet(YamlMap& map, PolicyCase& result) {
    for (const std::string& control : map.names()) {
      if (!is_control(map, control, result)) continue;
      const auto note = [&](const std::string& subject, std::optional<TimePoint> since) {
        if (since) {
          result.unmet_since[{.entity = {}, .control = control, .subject = subject}] = *since;
        }
      };
      if (!map.is_map(control)) {
        note("", map.time(control));
        continue;
      }
      YamlMap subjects = *map.map(control);
      for (const std::string& subject : subjects.names())
        note(subject, subjects.time(subject));
    }
  }

  ExpectedVerdict read_verdict(YamlMap& expect, const std::string& control) {
    ExpectedVerdict verdict{.control = control, .whole = {}, .subjects = {}};
    if (!expect.is_map(control)) {
      verdict.whole.status = read_status(expect, control);
      return verdict;
    }
    YamlMap map = *expect.map(control);
    verdict.whole = read_expectation(map, "summary");
    std::optional<YamlMap> subjects = map.map("subjects");
    if (!subjects) return verdict;
    for (const std::string& subject : subjects->names()) {
      Expectation& expectation = verdict.subjects[subject];
      if (!subjects->is_map(subject)) {
        expectation.status = read_status(*subjects, subject);
        continue;
      }
      YamlMap below = *subjects->map(subject);
      expectation = read_expectation(below, "reason");
      expectation.waiver = below.text("waiver");
      if (expectation.waiver == "none") {
        expectation.waiver = "";
      } else if (expectation.waiver) {
        is_known(below, "waiver", *expectation.waiver, waivers_, "waiver");
      }
    }
    return verdict;
  }

  void read_expected(YamlMap& map, PolicyCase& result) {
    if (std::optional<YamlMap> expect = map.map("expect")) {
      for (const std::string& control : expect->names()) {
        if (is_control(*expect, control, result))
          result.expected.push_back(read_verdict(*expect, control));
      }
    }
    result.owner = map.text("expect_owner");
    if (result.owner == "none") {
      result.owner = "";
    } else if (result.owner) {
      is_known(map, "expect_owner", *result.owner, teams_, "owner");
    }
    result.maintenance = map.texts("expect_maintenance");
    for (const std::string& window : result.maintenance.value_or(std::vector<std::string>{}))
      is_known(map, "expect_maintenance", window, windows_, "maintenance window");
    if (result.maintenance) std::sort(result.maintenance->begin(), result.maintenance->end());
    if (!map.has("expect") && !result.owner && !result.maintenance) {
      map.complain("expect", "say what is expected: `expect: {security-updates: fail}`");
    }
  }

  const std::string& file_;
  const PolicyCaseContext& context_;
  Names controls_;
  Names waivers_;
  Names teams_;
  Names windows_;
  std::set<std::string> names_;
};

}  // namespace

absl::StatusOr<std::vector<PolicyCase>> parse_policy_cases(const std::string& text,
                                                           const std::string& name,
                                                           const PolicyCaseContext& context) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, name);
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  const std::optional<TimePoint> at = root.time("at");
  root.require("tests");
  std::vector<YamlMap> maps = root.maps("tests");
  if (maps.size() > kMostPolicyCases) {
    root.complain("tests", fmt::format("more than {} tests in a file", kMostPolicyCases));
    maps.erase(maps.begin() + kMostPolicyCases, maps.end());
  }
  CaseReader reader(name, context);
  std::vector<PolicyCase> cases;
  for (YamlMap& map : maps)
    cases.push_back(reader.read(map, at));
  if (absl::Status status = document->finish(); !status.ok()) return status;
  if (cases.empty()) root.complain("tests", "there is no test in it");
  if (absl::Status status = document->finish(); !status.ok()) return status;
  return cases;
}

}  // namespace muster::collector
