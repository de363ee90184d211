// absl's Status and ours: Debian's absl has a string_view of its own, which neither std nor fmt
// know.
#pragma once

#include <absl/status/status.h>
#include <fmt/format.h>

#include <string_view>

namespace muster::agent {

// The message of a status, which must outlive what is returned.
inline std::string_view text_of(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// The same error, with what was being done before it.
inline absl::Status while_doing(std::string_view doing, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("{}: {}", doing, text_of(status)));
}

}  // namespace muster::agent
