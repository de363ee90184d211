#include "collector/policy_test/case_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "collector/fleet/known_facts.h"
#include "collector/policy_test/message_reader.h"
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

std::vector<std::string_view> known_probes() {
  std::vector<std::string_view> probes;
  for (const KnownFacts& known : all_known_facts())
    probes.push_back(known.probe);
  return probes;
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

void read_case_sections(YamlMap& facts, TimePoint at, std::vector<SectionState>& sections) {
  for (auto& [probe, map] : facts.named_maps()) {
    const KnownFacts* const known = find_known(probe);
    if (known == nullptr) {
      facts.complain(probe, "there is no probe " + unknown_name(probe, known_probes()));
      // Its keys are not known to be wrong.
      map.names();
      continue;
    }
    std::erase_if(sections, [&probe = probe](const SectionState& section) {
      return section.entity.empty() && section.probe == probe;
    });
    sections.push_back(read_section(map, *known, at));
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
