// The sections of a host as samples: what each probe saw, and how its look ended.
#pragma once

#include <span>

#include "common/exposition/sample_writer.h"
#include "common/section_state.h"

namespace muster::exposition {

// Sections of targets (those with an entity) have no families yet and are left out.
void add_sections(SampleWriter& writer, std::span<const SectionState> sections);

}  // namespace muster::exposition
