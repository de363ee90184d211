// Makes one child process and makes it the program of a plan: descriptors, group, world, sandbox,
// exec by descriptor. What happens to it later is the server's. Linux only, and only for a process
// of one thread: the child works before its exec.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "agent/launcher/launcher_protocol.h"
#include "agent/sandbox/sandbox.h"
#include "common/descriptor.h"

namespace muster::agent {

struct ChildPlan {
  // Its `program` is this process's descriptor, O_PATH and O_CLOEXEC.
  SandboxPlan sandbox;
  // Kept as stdin, stdout, stderr; this process's, and left open.
  std::array<int, 3> standard{-1, -1, -1};
  // Of a network probe, kept as kTargetsDescriptor and kPaceDescriptor; -1 for none.
  int targets = -1;
  int pace = -1;
  std::vector<std::string> arguments;
  // Whether it does not run without every mechanism.
  bool require_sandbox = false;
};

// What the child writes when a step before its program fails.
struct ChildFailure {
  LaunchStep step = LaunchStep::kFork;
  int32_t error = 0;
  // At kSandbox the mechanism that is missing.
  int32_t mechanism = 0;
};

struct Child {
  // Also the id of its process group.
  pid_t pid = -1;
  // A pidfd: readable once it has ended.
  Descriptor ended;
  // Carries one ChildFailure if the program could not be started, else nothing.
  Descriptor failure;
};

// False with `failure` where there is no child. The child gets the environment "LC_ALL=C" and PATH
// and nothing else, "/" as its directory, a process group of its own, no descriptor but the
// standard ones and those of a network probe (a script also itself, as 4), and dies with this
// process.
bool start_child(const ChildPlan& plan, SystemCalls& calls, Child& child, ChildFailure& failure);

// The failure that an ended child left; false if it had none.
bool read_failure(const Child& child, ChildFailure& failure);

// The sandbox of the plan, tried out in a child that ends at once: what is missing, as
// Hello.missing has it.
std::array<std::array<char, 96>, kMechanismCount> try_sandbox(const SandboxPlan& plan,
                                                              SystemCalls& calls);

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};
// False with errno.
bool make_pipe(Pipe& pipe);

}  // namespace muster::agent
