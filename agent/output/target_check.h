// `muster-agent check --targets FILE...`: looks once at every target of lists, by hand and from
// here, and says what came of it. No collector and no configuration: whoever runs it decides where
// it looks.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "agent/output/check.h"
#include "common/clock.h"
#include "common/section_state.h"
#include "common/targets/target.h"

namespace muster::agent {

struct LookedAtTarget {
  Target target;
  SectionState section;
};

// Looks at each, at 100 a second and 5 a second of one address, and waits for the last. Of the
// options, `connect_launcher` and `probe_directory` count; that launcher lets probes look anywhere.
std::vector<LookedAtTarget> look_once_at(const std::vector<Target>& targets,
                                         const CheckOptions& options, const Clock& clock);

// Renders, the worst first. Pure. Exit status: 0 all answer, 1 one does not, 2 one could not be
// looked at and all others answer.
CheckReport report_targets(const std::vector<LookedAtTarget>& looked_at,
                           const CheckOptions& options);

// Both, with the targets of files, by their paths and globs. InvalidArgument, NotFound or an
// errno's status: a file is wrong, none is there, or they list nothing.
absl::StatusOr<CheckReport> check_targets(std::span<const std::string> patterns,
                                          const CheckOptions& options, const Clock& clock);

}  // namespace muster::agent
