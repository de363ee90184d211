// What the verbs print: tables and sentences for a terminal of 80 columns, out of the API's
// messages. Text from hosts is made printable. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// The token, and the ready-made command for the host that joins.
std::string token_text(const v1::CreateTokenResponse& response, TimePoint now,
                       const TerminalStyle& style);
std::string token_table(const v1::TokenList& list, TimePoint now, const TerminalStyle& style);
std::string host_table(const v1::HostList& list, TimePoint now, const TerminalStyle& style);
// The hosts that the inventory lists and nobody has enrolled, after what is wrong with its sources.
std::string missing_hosts_text(const v1::InventoryStatus& status, TimePoint now,
                               const TerminalStyle& style);
std::string host_text(const v1::HostDetail& detail, TimePoint now, const TerminalStyle& style);

}  // namespace muster::collector
