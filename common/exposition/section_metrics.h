// The sections of a host as samples: what each probe saw, and how its look ended.
#pragma once

#include <span>

#include "common/exposition/sample_writer.h"
#include "common/section_state.h"

namespace muster::exposition {

// Sections of targets (those with an entity) are left out: target_metrics.h has theirs.

// The order of the sections does not matter: they are taken by the names of their probes, so that a
// host that has too many series loses the same ones each time.

// When each probe last saw something, and what its look measured.
void add_times_and_measurements(SampleWriter& writer, std::span<const SectionState> sections);

// How the last looks ended, and the facts; those of single certificates last.
void add_outcomes_and_facts(SampleWriter& writer, std::span<const SectionState> sections);

}  // namespace muster::exposition
