// What an operator is told when a host was changed, and how a host's identity stands: for a
// terminal of 80 columns. Pure; any thread.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

std::string revoked_text(const v1::HostSummary& host, TimePoint now, const TerminalStyle& style);
std::string released_text(const v1::HostSummary& host, TimePoint now, const TerminalStyle& style);
std::string renamed_text(const v1::HostSummary& host, TimePoint now, const TerminalStyle& style);
std::string removed_text(const v1::HostSummary& host, TimePoint now, const TerminalStyle& style);
std::string revoked_token_text(const v1::TokenSummary& token, TimePoint now,
                               const TerminalStyle& style);

// "quarantined" or "revoked"; empty while the host is active.
std::string standing_word(const v1::HostIdentity& identity);

// "active, certificate 3 until 2026-11-29", "quarantined since 2026-11-22T04:05:06Z".
std::string identity_text(const v1::HostIdentity& identity);

}  // namespace muster::collector
