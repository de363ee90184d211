// Verdicts as an operator reads them at a glance in a terminal: what is wrong first, a symbol and a
// word for each status (never colour alone), the sentence that sums it up, and the subjects that
// need somebody. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster {

struct TableStyle : TerminalStyle {
  // Subjects shown of a control that does not pass; the rest is counted.
  size_t most_subjects = 5;
  // With each control's id, by which other verbs ask for it.
  bool show_ids = false;
  // Deadlines less than 48 hours before or after it are told to the minute; without it, none is.
  std::optional<TimePoint> now = std::nullopt;
};

// The table, with its last line that counts ("2 pass · 1 due · 1 unknown"). No line is wider than
// the style says (40 columns are the least). Ends with a line feed.
std::string render_verdict_table(std::span<const v1::Verdict> verdicts, const TableStyle& style);

// The last line alone, without line feed: "no controls" if there are none.
std::string count_statuses(std::span<const v1::Verdict> verdicts, const TerminalStyle& style);

// "✗ fail" in its colour, padded to a column that takes every status.
std::string status_cell(v1::Status status, const TerminalStyle& style);

}  // namespace muster
