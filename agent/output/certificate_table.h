// The certificates of a host in the order in which they end, for `muster-agent check`: each once,
// with the file it is in and the processes that serve it. Pure; any thread.
#pragma once

#include <span>
#include <string>

#include "common/clock.h"
#include "common/section_state.h"
#include "common/terminal_text.h"

namespace muster::agent {

// A table of the ten that end first:
//
//   ENDS         CERTIFICATE              SERVED BY
//   in 3 days    port 443                 nginx.service
//   in 90 days   /etc/nginx/ssl/shop.pem  not served
//
// Empty where there are none. Whether a file is served is told only where listening sockets were
// looked at; else it has a dash.
std::string certificate_table(std::span<const SectionState> sections, TimePoint now,
                              const TerminalStyle& style);

}  // namespace muster::agent
