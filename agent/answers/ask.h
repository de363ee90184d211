// Asks the products of this host the questions of question_list.h. Of nothing but libc and libcap,
// since the privileged program links it.
#pragma once

#include <span>
#include <vector>

#include "agent/answers/question_list.h"
#include "agent/asking/tasks.h"

namespace muster::answers {

// An answer for each question of the group, in their order. No longer than the time and a second,
// whatever the children do; of these none is left, unless the kernel does not let go of it.
std::vector<Answer> ask(std::span<const Question> questions, Group group, const AskOptions& options,
                        agent::SystemCalls& calls);

// Ends what commands have left running in groups of their own, as far as it is this process's: its
// children and, if it is a subreaper (prctl(2)), theirs.
void end_leftovers();

}  // namespace muster::answers
