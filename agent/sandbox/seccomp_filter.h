// Which system calls a probe may make (seccomp(2)), as a program for the kernel.
//
// Three answers: what probes need is allowed, as narrowly as arguments can say it; what no probe
// could have a good reason for ends it with SIGSYS, so that its section fails and says so; all
// else does not exist (ENOSYS), as on an older kernel, which programs cope with.
#pragma once

#include <sys/types.h>

#include <vector>

#include "agent/sandbox/sandbox.h"

struct sock_filter;

namespace muster::agent {

// 0, or the errno that libseccomp gave. `program_descriptor` is what fexecve will be given, `self`
// the process that becomes the probe: it may signal itself, as abort(3) does.
int seccomp_filter(const SandboxDeclaration& declaration, int program_descriptor, pid_t self,
                   std::vector<sock_filter>& filter);

}  // namespace muster::agent
