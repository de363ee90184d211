// How a child process of muster-answers asks, by the kinds of question: each writes what it hears
// to standard output, as it comes, and is ended when it has said too much or taken too long.
#pragma once

#include <string>
#include <string_view>

#include "agent/answers/answer_table.h"
#include "agent/answers/question_list.h"

namespace muster::answers {

// What became of it, as in Answer.
struct Ending {
  Outcome outcome = Outcome::kAnswered;
  int32_t status = 0;
};

// The program of a command that may be run: the first of its paths that is there, with its links
// followed. kAbsent, or kUnsafe if it, a link on the way or a directory above any of them belongs
// to others than root and this process's user or may be written by others than its owner.
Ending find_program(const Question& question, std::string& resolved);
// Becomes that program; returns only with what went wrong.
Ending become_command(const Question& question, const std::string& resolved);

// Whether a question that is no command has anybody to ask, by what is there; it opens nothing.
bool is_anybody_there(const Question& question);
Ending ask_unix_socket(const Question& question);
Ending ask_loopback(const Question& question);
Ending ask_audit();
Ending ask_processes(const char* proc);
// Whether a process of this name runs below `proc`; true too where that cannot be seen.
bool may_run(const char* proc, std::string_view name);

// All of it to standard output; false with errno.
bool say(const char* bytes, size_t size);

}  // namespace muster::answers
