// Runs a program under apply_sandbox, as the launcher does but with nothing between: descriptors,
// process group, sandbox, fexecve; then reads what it writes until it ends, within bounds. Tests
// only; one at a time.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/launcher/launcher.h"
#include "agent/sandbox/sandbox.h"

namespace muster::agent {

struct SandboxedRun {
  SandboxResult sandbox{};
  LaunchResult result;
};

// Who starts the program: root, which gives it a user of its own, or somebody who can not.
enum class Starter { kRoot, kSomebody };
// Both where the tests run as root, else only the second.
std::vector<Starter> starters();
std::string_view name_of(Starter starter);

// `plan.program` is opened here from `plan.program_path`. The program reads `input`, and the
// request's targets where there are any; the time-out
// and the output limits are the request's. `calls` is the kernel, or one that lacks something.
// `meanwhile` is called once the sandbox is on.
SandboxedRun run_sandboxed(SandboxPlan plan, Starter starter, const std::string& input,
                           const LaunchRequest& request, SystemCalls& calls,
                           const std::function<void(pid_t)>& meanwhile = {});
SandboxedRun run_sandboxed(const SandboxPlan& plan, Starter starter, const std::string& input,
                           const LaunchRequest& request);
// The same without a sandbox, as who started it.
LaunchResult run_free(const std::string& program, Starter starter, const std::string& input,
                      const LaunchRequest& request);

// The plan of a declaration: `readable` is its own paths below `root` ("" for "/"), and these.
SandboxPlan plan_of(const SandboxDeclaration& declaration, const std::string& program,
                    const std::vector<std::string>& more_readable = {},
                    const std::string& root = "");

}  // namespace muster::agent
