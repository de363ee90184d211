// Text from outside made safe to show, and small helpers for messages. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace muster {

// The same text if it is valid UTF-8; else with U+FFFD for each byte that is not part of a valid
// sequence (surrogates and overlong forms are not valid). NUL stays.
std::string repair_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

// At most `limit` bytes, cut between characters, with "…" (within the limit) where it was cut.
std::string truncate_utf8(std::string_view text, size_t limit);

// For a terminal or a log line: valid UTF-8, at most `limit` bytes, control characters (C0, C1,
// DEL) as "\x1b", so that no file name can move a cursor or forge a line.
std::string printable(std::string_view text, size_t limit = 1024);

// The known name nearest to `name` by edit distance, if near enough to be what was meant; else
// empty.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);
// ", did you mean 'x'?" with that name, or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

// Lower-case hex.
std::string to_hex(std::string_view bytes);

// "a, b, c and 4 more": at most `shown` names.
std::string join_some(std::span<const std::string> names, size_t shown);

// The first lines of a text, at most `most`, and after them, where there are more, "and 4 more".
std::string first_lines(std::string_view text, size_t most);

// Without white space (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);

}  // namespace muster
