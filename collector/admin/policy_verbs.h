// `policy check`, `policy test` and `explain`: what operators do with a policy before it is in
// force, and with a verdict after. Each writes to stdout and returns the exit status. One thread;
// calls block.
#pragma once

#include <optional>
#include <string>

#include "collector/admin/verbs.h"
#include "collector/config.h"
#include "common/clock.h"

namespace muster::collector {

struct PolicyQuestion {
  // A file or a directory.
  std::string path;
  // Ask the collector about its fleet.
  bool against_live = false;
  std::optional<TimePoint> at = std::nullopt;
  // Another policy to compare with; empty: none.
  std::string old_path = {};
};

// Whether the policy is good: 0, or 65 (sysexits.h's EX_DATAERR); against the fleet, also whether
// each selector selects a host: 1 if one does not, or if the collector could not be asked. `config`
// is looked at only against the fleet.
int check_policy(const Config& config, const Clock& clock, const PolicyQuestion& question,
                 const Presentation& presentation);

// 0: all tests hold. 1: one does not, or the collector could not be asked. 65: the policy, a
// test or the other policy is wrong, or there is neither a test nor another question.
int test_policy(const Config& config, const Clock& clock, const PolicyQuestion& question,
                const Presentation& presentation);

struct ExplainQuestion {
  // `host` is the name of a target.
  bool of_target = false;
  std::string host;
  // Its id.
  std::string control;
};

int explain_verdict(const Config& config, const Clock& clock, const ExplainQuestion& question,
                    const Presentation& presentation);

}  // namespace muster::collector
