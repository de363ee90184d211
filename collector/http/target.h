// The target of a request line, decoded once and checked, so that no endpoint sees "..", an empty
// segment, a control character or a doubled escape. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::collector::http {

struct Target {
  // Starts with '/'; valid UTF-8.
  std::string path;
  // Where in it the first '/' is that came as an escape, so that it does not pass for one between
  // two segments where it is none.
  size_t encoded_slash = std::string::npos;
  // In order; '+' is a space, as browsers and Go send it.
  std::vector<std::pair<std::string, std::string>> query;
};

// More parameters than any endpoint has use for.
inline constexpr size_t kQueryLimit = 32;

// Whether this may stand in a Host header, or before the path in absolute-form: a name or an
// address with a port or without, by its characters. No user, no list.
bool is_authority(std::string_view text);

// `raw` is origin-form ("/a?b=c") or absolute-form ("https://host/a"), RFC 9112 section 3.2.
// InvalidArgument with a sentence that holds nothing of `raw`.
absl::StatusOr<Target> parse_target(std::string_view raw);

}  // namespace muster::collector::http
