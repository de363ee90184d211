// Where a probe hears what the host answers to fixed questions (agent/answers): it may not ask
// itself. Of nothing but libc, since the privileged launcher links it.
#pragma once

#include <string>

#include "common/descriptor.h"

namespace muster::agent {

// Where a probe finds the answers: a socket or a pipe on which the table comes, to its end; or what
// is empty, if nobody could be asked.
inline constexpr int kAnswersDescriptor = 96;

// systemd listens on it (muster-answers.socket), and only root may connect.
inline constexpr const char* kAnswersSocket = "/run/muster/answers.sock";

// The answers to a group of questions ('a', 'i'): of who listens on the socket, else of `program`,
// which is muster-answers and is started; "": of nobody. Something that is empty if there is
// nobody, closed with errno if there is not even that. It waits for no answer.
Descriptor open_host_answers(char group, const std::string& program,
                             const char* socket = kAnswersSocket);

}  // namespace muster::agent
