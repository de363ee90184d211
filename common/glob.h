// Patterns as policies and lists of a site write them: `*`, `?` and `[abc]`. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster {

// fnmatch, byte by byte: `*`, `?` and `[abc]`; a `*` also stands for a `/`. Text with a NUL byte is
// matched by nothing.
bool matches_glob(const std::string& pattern, std::string_view text);

// How many bytes of a pattern stand for themselves alone: the more, the more it says.
size_t literal_count(std::string_view pattern);

// Whether it stands for one text only.
bool is_literal(std::string_view pattern);

// Whether there is a text that both match. A set with a class ("[[:digit:]]") counts as any byte,
// so that the answer may be yes where it is no, never the other way round.
bool globs_overlap(std::string_view one, std::string_view other);

}  // namespace muster
