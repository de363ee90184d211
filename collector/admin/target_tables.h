// What the verbs print of targets: tables for a terminal of 80 columns, out of the API's messages.
// Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

std::string target_table(const v1::TargetList& list, TimePoint now, const TerminalStyle& style);
// The same of some of them.
std::string chosen_target_table(const v1::TargetList& list, TimePoint now,
                                const TerminalStyle& style);
// Of those that nobody looks at, why.
std::string missing_targets_text(const v1::TargetList& list, TimePoint now,
                                 const TerminalStyle& style);
std::string target_text(const v1::TargetDetail& detail, TimePoint now, const TerminalStyle& style);

}  // namespace muster::collector
