// What the texts of all sources have in common: how large they may be, and how a complaint says its
// place. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <string_view>

namespace muster::collector {

// Of one source.
inline constexpr size_t kSourceBytes = size_t{64} << 20;

// InvalidArgument "name:line:column: what", of the place where `offset` is in the text.
absl::Status source_complaint(std::string_view text, size_t offset, std::string_view name,
                              std::string_view what);

// InvalidArgument unless it is UTF-8 of at most kSourceBytes.
absl::Status check_source_text(std::string_view text, std::string_view name);

}  // namespace muster::collector
