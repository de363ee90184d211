// A test of a policy as plain values: what is known of a host or target at a time, and the verdicts
// that are expected of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/labels.h"
#include "common/policy/first_seen.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// What a verdict, or one of its subjects, must be. What is not given may be anything.
struct Expectation {
  std::optional<v1::Status> status;
  // TimePoint::max(): it must have none.
  std::optional<TimePoint> deadline;
  // A glob: of the summary, or of the subject's reason.
  std::optional<std::string> sentence;
  // Of a subject only; empty: none may cover it.
  std::optional<std::string> waiver;
};

struct ExpectedVerdict {
  std::string control;
  Expectation whole;
  std::map<std::string, Expectation> subjects;
};

struct PolicyCase {
  // Of the file that it is written in, and as it is called there.
  std::string file;
  std::string name;
  TimePoint at;

  // "host", or a target's kind.
  std::string kind = "host";
  // Its name.
  std::string host = "host1";
  Labels labels;
  std::optional<TimePoint> last_sync;
  std::optional<TimePoint> enrolled_at;
  std::vector<SectionState> sections;
  policy::FirstSeen unmet_since;

  std::vector<ExpectedVerdict> expected;
  // The team; empty: nobody's.
  std::optional<std::string> owner;
  // Names of the windows it is in, sorted.
  std::optional<std::vector<std::string>> maintenance;
};

}  // namespace muster::collector
