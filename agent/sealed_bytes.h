// Files of the agent's own, as bytes: a line that says what it is, the SHA-256 of that line and the
// rest, and the rest. Any byte that changes is noticed. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace muster::agent {

// `magic` ends with a line feed; no other kind of file has the same.
std::string seal(std::string_view magic, std::string_view content);

// The content, a part of `bytes`. DataLoss if they are not exactly what seal gave.
absl::StatusOr<std::string_view> unseal(std::string_view magic, std::string_view bytes);

}  // namespace muster::agent
