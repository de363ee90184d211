// A question that muster-answers or muster-device-answers asks, in words for an operator. Pure; any
// thread.
#pragma once

#include <string>
#include <vector>

#include "agent/answers/question_list.h"

namespace muster::agent {

// "/opt/CrowdStrike/falconctl -g --version", "the socket /run/clamav/clamd.ctl, ...": of commands
// the first path where they may be.
std::string in_words(const answers::Question& question);

// Of all that a group is asked, by the byte that orders it; none of any other byte.
std::vector<std::string> questions_of(char group);

}  // namespace muster::agent
