// Where a probe hears what the host answers to fixed questions (agent/answers,
// agent/device_answers): it may not ask itself. Of nothing but libc, since the privileged launcher
// links it.
#pragma once

#include <string>

#include "common/descriptor.h"

namespace muster::agent {

// Where a probe finds the answers: a socket or a pipe on which the table comes, to its end; or what
// is empty, if nobody could be asked.
inline constexpr int kAnswersDescriptor = 96;

// Where systemd listens (muster-answers.socket, muster-device-answers.socket), and only root may
// connect.
inline constexpr const char* kAnswersSockets = "/run/muster";

// Who asks a group of questions: "muster-answers" ('a', 'i') or "muster-device-answers" ('f', 'h').
// Empty of any other.
const char* answering_program(char group);

// The answers to a group of questions: of who listens on its socket in `sockets`, else of the
// program in the directory `programs`, which is started; "": of nobody. Something that is empty if
// there is nobody, closed with errno if there is not even that. It waits for no answer.
Descriptor open_host_answers(char group, const std::string& programs,
                             const std::string& sockets = kAnswersSockets);

}  // namespace muster::agent
