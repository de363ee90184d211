// A host or target as it was recorded: what `muster-collector host show --format json`,
// `muster-collector target show --format json` and `muster-agent check --format json` print, as
// something that a policy can judge. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/labels.h"
#include "common/policy/first_seen.h"
#include "common/section_state.h"

namespace muster::collector {

struct RecordedHost {
  // "host", or a target's.
  std::string kind = "host";
  std::string name;
  Labels labels;
  std::optional<TimePoint> last_sync;
  std::optional<TimePoint> enrolled_at;
  std::vector<SectionState> sections;
  // Since when what its verdicts call unmet was unmet.
  policy::FirstSeen unmet_since;
  // The latest of the times in it: about when it was recorded.
  TimePoint recorded_at;
};

// InvalidArgument if it is not such JSON. Fields of a newer version are left out.
absl::StatusOr<RecordedHost> parse_recorded_host(const std::string& json);

}  // namespace muster::collector
