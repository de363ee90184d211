// A host or a target as who goes through all of them sees it. Refers to the fleet: it lives as long
// as the call that it is given to.
#pragma once

#include <span>
#include <string_view>

#include "common/labels.h"
#include "common/section_state.h"

namespace muster::collector {

struct EntityView {
  std::string_view name;
  // "host", or a target's kind.
  std::string_view kind;
  // Of a target, as it is listed.
  std::string_view address = {};
  const Labels& labels;
  // Who answers for it; empty: nobody is named.
  std::string_view owner;
  std::span<const SectionState> sections;

  bool is_target() const { return kind != "host"; }
};

}  // namespace muster::collector
