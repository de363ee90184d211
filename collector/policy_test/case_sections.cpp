#include "collector/policy_test/case_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "collector/fleet/known_facts.h"
#include "collector/policy_test/message_reader.h"
#include "common/policy/selector.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::collector {
namespace {

const KnownFacts* find_known(std::string_view probe) {
  for (const KnownFacts& known : all_known_facts()) {
    if (known.probe == probe) return &known;
  }
  return nullptr;
}

// Whether the probe looks at such a thing: of targets, each kind has one of its own.
bool looks_at(std::string_view probe, std::string_view kind) {
  const TargetKind* const target = find_target_kind(kind);
  if (target != nullptr) return probe == target->probe;
  return std::none_of(all_target_kinds().begin(), all_target_kinds().end(),
                      [probe](const TargetKind& other) { return probe == other.probe; });
}

std::vector<std::string_view> probes_that_look_at(std::string_view kind) {
  std::vector<std::string_view> probes;
  for (const KnownFacts& known : all_known_facts()) {
    if (looks_at(known.probe, kind)) probes.push_back(known.probe);
  }
  return probes;
}

// The longest look there is, in whatever unit.
constexpr double kMostOfAMeasurement = 1e18;

void read_measurements(YamlMap& map, SectionState& state) {
  for (const std::string& name : map.names()) {
    const std::optional<double> value = map.number(name, -kMostOfAMeasurement, kMostOfAMeasurement);
    v1::Measurement& measurement = state.measurements.emplace_back();
    measurement.set_name(name);
    measurement.set_value(value.value_or(0));
  }
}

v1::Section observed(const google::protobuf::Message& facts) {
  v1::Section look;
  look.set_outcome(v1::OUTCOME_OBSERVED);
  look.set_facts_type(facts.GetTypeName());
  look.set_facts(facts.SerializeAsString());
  return look;
}

SectionState read_section(YamlMap& map, const KnownFacts& known, TimePoint at) {
  SectionState state;
  state.probe = std::string(known.probe);
  const std::string outcome =
      map.one_of("outcome", {"observed", "failed", "not_applicable"}).value_or("observed");
  const std::string reason = map.text("reason").value_or("");
  const TimePoint observed_at = map.time("observed_at").value_or(at);
  const std::optional<TimePoint> looked_at = map.time("looked_at");
  const bool has_facts = map.has("facts");
  if (has_facts) {
    const std::unique_ptr<google::protobuf::Message> facts(known.type->New());
    if (std::optional<YamlMap> given = map.map("facts")) read_message(*given, *facts);
    apply_look(state, observed(*facts), observed_at);
  }
  if (outcome == "observed") {
    if (!has_facts) {
      map.complain("facts",
                   "give its facts, or the outcome failed or not_applicable; `facts: {}` is a "
                   "look that found nothing");
    }
    if (looked_at) state.looked_at = *looked_at;
    if (std::optional<YamlMap> measured = map.map("measurements")) {
      read_measurements(*measured, state);
    }
    return state;
  }
  if (has_facts && outcome == "not_applicable") {
    map.complain("facts", "what is not applicable has no facts");
  }
  v1::Section look;
  look.set_outcome(outcome == "failed" ? v1::OUTCOME_FAILED : v1::OUTCOME_NOT_APPLICABLE);
  look.set_reason(reason);
  apply_look(state, std::move(look), looked_at.value_or(has_facts ? at : observed_at));
  return state;
}

}  // namespace

std::string unknown_name(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_name(name, known);
  const std::string shown = printable(name, 80);
  if (!nearest.empty()) return fmt::format("'{}', did you mean '{}'?", shown, nearest);
  return fmt::format("'{}' (known: {})", shown, fmt::join(known, ", "));
}

void read_case_sections(YamlMap& facts, const CaseEntity& entity, TimePoint at,
                        std::vector<SectionState>& sections) {
  for (auto& [probe, map] : facts.named_maps()) {
    const KnownFacts* const known = find_known(probe);
    if (known == nullptr || !looks_at(probe, entity.kind)) {
      facts.complain(probe, fmt::format("no probe that looks at a {} is called {}",
                                        policy::noun_of(entity.kind),
                                        unknown_name(probe, probes_that_look_at(entity.kind))));
      // Its keys are not known to be wrong.
      map.names();
      continue;
    }
    std::erase_if(sections, [&entity, &probe = probe](const SectionState& section) {
      return section.entity == entity.name && section.probe == probe;
    });
    sections.push_back(read_section(map, *known, at));
    sections.back().entity = entity.name;
  }
}

SectionState section_of_os(const std::string& os, TimePoint at) {
  const size_t colon = os.find(':');
  v1::HostFacts facts;
  facts.set_os_id(os.substr(0, colon));
  if (colon != std::string::npos) facts.set_os_version_id(os.substr(colon + 1));
  SectionState state;
  state.probe = "host";
  apply_look(state, observed(facts), at);
  return state;
}

}  // namespace muster::collector
