// What `muster-agent check` remembers from one run to the next: since when what is unmet has been
// so. As the text of a file:
//
//   muster-check-memory 1
//   2026-11-13T09:00:00Z<tab>security-updates<tab>openssl
//   end
//
// Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/policy/first_seen.h"
#include "common/policy/policy.h"

namespace muster::agent {

// Beyond that, what was seen last is left out.
inline constexpr size_t kMostRemembered = 10'000;
inline constexpr size_t kCheckMemoryLimit = 4 * 1024 * 1024;

// What cannot be a line (a subject with a control character, which no rule makes) is left out.
std::string write_check_memory(const policy::FirstSeen& memory);

// InvalidArgument: it is damaged, or of another version.
absl::StatusOr<policy::FirstSeen> read_check_memory(std::string_view text);

// Whether it is one from its first line to its last, for who only stores it.
bool is_whole_check_memory(std::string_view text);

// What of a memory another policy left: it stays when this one is judged. `memory` keeps the rest.
policy::FirstSeen take_other_controls(policy::FirstSeen& memory, const policy::Policy& policy);

}  // namespace muster::agent
