// `muster-collector explain` in prose, for a terminal of 80 columns. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

std::string explanation_text(const v1::Explanation& explanation, TimePoint now,
                             const TerminalStyle& style);

}  // namespace muster::collector
