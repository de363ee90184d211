// What clamd answers in a session (clamd(8): IDSESSION with PING, VERSION and STATS): texts that
// end with a zero, each behind its number, "2: ". Pure; any thread.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace muster::antivirus {

struct ClamdReply {
  // It answered PING with PONG.
  bool answers = false;
  // Of the libclamav that runs: "1.4.6". Empty: it did not say.
  std::string engine;
  // Of the "daily" that is loaded; 0: none, whatever else is.
  uint32_t daily = 0;
  // When that was made: clamd writes it in the host's zone.
  std::optional<TimePoint> daily_built_at;
  // "VALID PRIMARY" of STATS; empty: it did not say.
  std::string state;
  // Of STATS: what waits to be scanned.
  std::optional<uint64_t> queue;
  // What it said that is none of the above, "COMMAND UNAVAILABLE".
  std::string other;
};

// `zone` unset: the time is not known.
ClamdReply parse_clamd_reply(std::string_view text, const std::optional<absl::TimeZone>& zone);

// The version of a line "ClamAV 1.4.6/27500/Sun Nov 22 18:41:16 2026"; empty: it is no such line.
std::string version_of(std::string_view line);

}  // namespace muster::antivirus
