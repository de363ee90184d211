// What holds a probe: applied between fork and exec, by the process that will become the probe.
// Each mechanism is independent of the others, so that a kernel that lacks one still has the rest;
// what is lacking is said, never passed over. Linux only; single-threaded processes only.
//
// After apply_sandbox the process may write to its descriptors, read what the plan lets it, _exit,
// and start the program in one way: fexecve(plan.program, ...), that is execveat(2) of the
// descriptor with an empty path. With `children` it may also execve by path, which scripts need.
// Its group, directory and signals are set before. Its parent-death signal is kept, which the
// kernel forgets when a process changes its user: whoever relies on it looks for its parent
// afterwards.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sandbox/system_calls.h"

namespace muster::agent {

// In the order in which they are reported.
enum class Mechanism : uint8_t {
  // A user of its own, not the agent's and not root.
  kUser,
  // No capability but the declared ones, and no way to any other.
  kCapabilities,
  // Nothing it executes gains anything.
  kNoNewPrivileges,
  // System calls that it does not need are not there, and dangerous ones end it.
  kSeccomp,
  // It sees only the files it declares, reads only, and executes only itself.
  kLandlock,
  // Processor time, memory, files, processes.
  kLimits,
};
inline constexpr size_t kMechanismCount = 6;
// As in muster.v1.Sandbox: "no-new-privileges".
std::string_view mechanism_name(Mechanism mechanism);

// What a probe may have beyond nothing. A capability is one bit: 1 << CAP_DAC_READ_SEARCH.
struct SandboxDeclaration {
  uint64_t capabilities = 0;
  // File probes see `readable` and have no network; network probes have sockets and see no files
  // but their own program and libraries.
  enum class Reach : uint8_t { kFiles, kNetwork } reach = Reach::kFiles;
  // Absolute paths, with all that is below; those of the settings that name paths come to them.
  std::span<const std::string_view> readable = {};
  // What its libraries read of this machine, whatever root it looks at.
  std::span<const std::string_view> needs = {};
  // What a network probe is given open for reading instead; see inherited_files.h.
  std::span<const std::string_view> inherited = {};
  // Given a table of what all processes have mapped (process_table.h), or of the sockets that they
  // have open (socket_table.h), of which it opens nothing.
  enum class Processes : uint8_t { kNone, kMappings, kSockets } processes = Processes::kNone;
  // Asks the kernel which sockets there are (sock_diag(7)), by netlink and by no other socket.
  bool socket_list = false;
  // Given what the host answers to this group of questions (host_answers_source.h); 0: to none.
  char answers = 0;
  // Given a connection to the system bus as the probe's user (system_bus_socket.h), and no other.
  bool system_bus = false;
  // Nameless files in /dev/shm, or in /tmp where there is none, for libraries that unpack into
  // them.
  bool temporary_files = false;
  // Starts other programs, of /bin, /usr and what it may read. None of Muster's own does.
  bool children = false;
  // Bytes of address space.
  uint64_t memory = uint64_t{1} << 30;
};

// A declaration, made ready for one probe on this host.
struct SandboxPlan {
  // Opened for execution with O_CLOEXEC, and the path it is shown by.
  int program = -1;
  std::string program_path;
  SandboxDeclaration declaration;
  // `declaration.readable` below the root that is looked at, and the paths of the settings, each
  // as landlock_rules.h's readable_part has it.
  std::vector<std::string> readable;
  // Unset where the launcher is not root: the probe stays who started it.
  std::optional<uid_t> user = std::nullopt;
  std::optional<gid_t> group = std::nullopt;
  uint64_t cpu_seconds = 30;
  // The directory of who asks the host, started where nobody listens on its socket; "": it is not.
  std::string answering_programs = {};
};

// What became of each mechanism: 0, or the errno and the call that said no.
struct MechanismResult {
  int error = 0;
  // Of static life: "landlock_create_ruleset".
  const char* call = "";
};
using SandboxResult = std::array<MechanismResult, kMechanismCount>;

// Takes away everything that the plan does not give. What cannot be taken away is in the result;
// the caller decides whether the probe runs nevertheless.
SandboxResult apply_sandbox(const SandboxPlan& plan, SystemCalls& calls);

}  // namespace muster::agent
