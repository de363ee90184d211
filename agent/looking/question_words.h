// A question that muster-answers asks, in words for an operator. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/answers/question_list.h"

namespace muster::agent {

// "/opt/CrowdStrike/falconctl -g --version", "the socket /run/clamav/clamd.ctl, ...": of commands
// the first path where they may be.
std::string in_words(const answers::Question& question);

// Of all that this group is asked, in their order.
std::vector<std::string> questions_of(answers::Group group);

}  // namespace muster::agent
