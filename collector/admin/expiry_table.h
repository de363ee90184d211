// What `expiry` prints: a table for a terminal of 80 columns, out of the API's message. Text from
// hosts is made printable. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// An end in each line, and below them what the list lacks.
std::string expiry_table(const v1::ExpiryList& list, TimePoint now, const TerminalStyle& style);

}  // namespace muster::collector
