// Which programs run, by evidence that no ordinary user can make up: the control groups of
// systemd's units, and who started a process. Pure but for the control groups; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/protection/product.h"

namespace muster::protection {

struct HostProcess {
  int32_t id = 0;
  uint32_t user = 0;
  // As the kernel cuts it: at most 15 bytes.
  std::string_view program;
};

// The lines "PID UID NAME" of the answer "processes"; what is no such line is left out.
std::vector<HostProcess> parse_processes(std::string_view text);

struct RunningEvidence {
  // Unset: it cannot be told, and `reason` says why.
  std::optional<bool> runs;
  // "clamav-daemon.service has processes", "no process clamd of user 0 or 103".
  std::string reason;
};

// Runs is what has a unit with processes, or a process of that program's name of root's or of one
// of `users`: whoever else gives a process that name proves nothing.
RunningEvidence is_running(const ProductLook& look, std::initializer_list<const char*> units,
                           std::string_view program, const std::vector<uint32_t>& users = {});

// A user's number in /etc/passwd below the root.
std::optional<uint32_t> user_number(const std::string& root, std::string_view name);

}  // namespace muster::protection
