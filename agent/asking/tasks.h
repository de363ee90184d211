// Asks side by side what a probe may not ask itself, each by a child process of its own with the
// rights that this one takes, and collects what these say without reading anything out of it. Linux
// only, and only for a process of one thread. Of nothing but libc and libcap, since privileged
// programs link it: muster-answers and muster-device-answers.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/asking/answer_table.h"
#include "agent/sandbox/system_calls.h"

namespace muster::answers {

// What became of it, as in Answer.
struct Ending {
  Outcome outcome = Outcome::kAnswered;
  int32_t status = 0;
};

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// One thing to ask.
struct Task {
  // Of the answer.
  std::string name;
  // Whether there is anybody to ask: if it is not kAnswered, nobody is, and this is the answer.
  Ending found = {};
  // What the child keeps of the capabilities, a bit for each.
  uint64_t capabilities = 0;
  // Whether the child stays who this process is; else it becomes AskOptions::asker.
  bool stays_root = false;
  // In the child: writes what it hears to standard output, or becomes a program that does. What
  // starts it, is the user who did.
  std::function<Ending(uid_t starter)> ask;
  // How long it may take.
  std::chrono::seconds time{10};
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

constexpr uint64_t capability_bit(int capability) {
  return uint64_t{1} << static_cast<unsigned>(capability);
}

// An answer for each task, in their order. No longer than the time and a second, whatever the
// children do; of these none is left, unless the kernel does not let go of it.
std::vector<Answer> run_tasks(const std::vector<Task>& tasks, const AskOptions& options,
                              agent::SystemCalls& calls);

// All of it to standard output; false with errno.
bool say(const char* bytes, size_t size);

}  // namespace muster::answers
