// What a policy would change, and what differs between two, for a terminal. Pure; any thread.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// By control, the worst first; some hosts of each change, and how many there are.
std::string preview_text(const v1::PolicyPreview& preview, TimePoint now,
                         const TerminalStyle& style);

// The selectors that select no host; empty where there are none.
std::string empty_selectors_text(const v1::PolicyPreview& preview, const TerminalStyle& style);

std::string differences_text(
    const google::protobuf::RepeatedPtrField<v1::PolicyDifference>& differences,
    const TerminalStyle& style);

}  // namespace muster::collector
