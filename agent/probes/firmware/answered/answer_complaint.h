// Why what a device answered cannot be used, in words. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/host_answers.h"

namespace muster::firmware {

// Empty: `bytes` is what it said when it did as it was asked. Else why not: "nobody was asked:
// ...", "the device did not answer in time", "it refused with status 0x2002".
std::string take_answer(const probe::HostAnswers& answers, const std::string& question,
                        std::string_view& bytes);

}  // namespace muster::firmware
