// Asks questions side by side, each by a child process of its own, and collects what these say
// without reading anything out of it. Linux only, and only for a process of one thread. Of nothing
// but libc and libcap, since the privileged program links it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "agent/answers/answer_table.h"
#include "agent/answers/question_list.h"
#include "agent/sandbox/system_calls.h"

namespace muster::answers {

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

struct AskOptions {
  // Who asks what needs no root; unset where this process is not root, which stays who it is.
  std::optional<Account> asker;
  // Of all together; what is not answered by then is kTimedOut.
  std::chrono::milliseconds time{45'000};
  size_t at_once = 4;
  // A socket or a pipe on which the answers are waited for: once its other end is closed, all that
  // is being asked is ended, and the rest is kTimedOut. -1: nobody's going ends it.
  int heard_by = -1;
};

// An answer for each question of the group, in their order. No longer than the time and a second,
// whatever the children do; of these none is left, unless the kernel does not let go of it.
std::vector<Answer> ask(std::span<const Question> questions, Group group, const AskOptions& options,
                        agent::SystemCalls& calls);

// Ends what commands have left running in groups of their own, as far as it is this process's: its
// children and, if it is a subreaper (prctl(2)), theirs.
void end_leftovers();

}  // namespace muster::answers
