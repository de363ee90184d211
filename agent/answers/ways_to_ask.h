// How a child process of muster-answers asks, by the kinds of question: each writes what it hears
// to standard output, as it comes, and is ended when it has said too much or taken too long.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "agent/answers/question_list.h"
#include "agent/asking/tasks.h"

namespace muster::answers {

// The first of a command's paths that is there, or else of the settings, with its links followed;
// by what is there, it opens nothing. kAbsent, or kUnsafe if it, a link on the way or a directory
// above any of them belongs to others than root and this process's user or may be written by others
// than its owner. Of a socket without settings it is "".
Ending find_path(const Question& question, std::string& resolved);
bool is_there(const char* path);
// Becomes that program; returns only with what went wrong.
Ending become_command(const Question& question, const std::string& resolved);

// By the settings at `resolved`; of those that listen only root, `starter` and the user whom the
// settings name are heard, all others are kUnsafe with EACCES.
Ending ask_unix_socket(const Question& question, const std::string& resolved, uid_t starter);
Ending ask_loopback(const Question& question, const std::string& resolved, uid_t starter);
// Whether it is one of these users who listens at what the socket is connected to: a Unix socket,
// or a port of the loopback.
bool is_believed(int socket, std::span<const uid_t> users);

Ending ask_audit();
Ending ask_processes(const char* proc);
// Whether a process of this name runs below `proc`; true too where that cannot be seen.
bool may_run(const char* proc, std::string_view name);

}  // namespace muster::answers
