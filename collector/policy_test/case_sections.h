// `facts:` and `host.os` of a policy's test: what probes saw, as sections. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/section_state.h"
#include "common/yaml_reader.h"

namespace muster::collector {

// Whose they are.
struct CaseEntity {
  // "host", or a target's kind.
  std::string_view kind;
  // Of a target; empty: the host itself.
  std::string_view name;
};
// By probe; what is in `sections` of a probe that is given is replaced. A look whose time is not
// given was at `at`. Complaints go to the map's document.
void read_case_sections(YamlMap& facts, const CaseEntity& entity, TimePoint at,
                        std::vector<SectionState>& sections);

// "debian:12", "debian": as the probe of the host would have seen it.
SectionState section_of_os(const std::string& os, TimePoint at);

// "'x', did you mean 'y'?", or with the known names where none is near.
std::string unknown_name(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace muster::collector
