// What stands against an answer of a product, in words. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/host_answers.h"

namespace muster::probe {

// What stands against using the answer: "its status command /opt/x/y ended with status 3: not
// licensed", "... did not answer in time", "nobody was asked: ..."; empty: it answered and, if a
// command, with status 0.
// One sentence for an operator, at most 256 bytes, printable.
std::string complaint_about(const HostAnswers& answers, std::string_view question);

}  // namespace muster::probe
