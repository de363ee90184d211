#include "agent/answers/ask.h"

#include <sys/capability.h>

#include <cerrno>
#include <string>

#include "agent/answers/ways_to_ask.h"

namespace muster::answers {
namespace {

// Root reads what it may not change; all others are who has nothing to lose, and the kernel tells
// of audit only who could change it.
uint64_t capabilities_for(Kind kind) {
  if (kind == Kind::kCommand) return capability_bit(CAP_DAC_READ_SEARCH);
  if (kind == Kind::kAudit) return capability_bit(CAP_AUDIT_CONTROL);
  return 0;
}

Ending ask_in_child(const Question& question, const std::string& path, uid_t starter) {
  switch (question.kind) {
    case Kind::kCommand:
      return become_command(question, path);
    case Kind::kUnixSocket:
      return ask_unix_socket(question, path, starter);
    case Kind::kLoopback:
      return ask_loopback(question, path, starter);
    case Kind::kAudit:
      return ask_audit();
    case Kind::kProcesses:
      return ask_processes("/proc");
  }
  return {Outcome::kFailed, EINVAL};
}

}  // namespace

std::vector<Answer> ask(std::span<const Question> questions, Group group, const AskOptions& options,
                        agent::SystemCalls& calls) {
  std::vector<Task> tasks;
  for (const Question& question : questions) {
    if (!is_asked(question, group)) continue;
    std::string path;
    const Ending found = find_path(question, path);
    tasks.push_back(
        {.name = std::string(question.name),
         .found = found,
         .capabilities = capabilities_for(question.kind),
         .stays_root = question.kind == Kind::kCommand,
         .ask = [&question, path](uid_t starter) { return ask_in_child(question, path, starter); },
         .time = std::chrono::seconds(question.seconds)});
  }
  return run_tasks(tasks, options, calls);
}

}  // namespace muster::answers
