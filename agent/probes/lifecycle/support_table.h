// The project's own table of releases and their ends: support_table.txt, compiled in. Its opening
// comment tells the columns. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::lifecycle {

struct SupportRow {
  std::string id;
  std::string version;
  // Empty for the distribution.
  std::string component;
  std::string programme;
  // Absent: a rolling release.
  std::optional<TimePoint> last_day;
  TimePoint as_of;
  std::string source;
};

// InvalidArgument, with the line, for one that has not all columns or no dates where they belong.
absl::StatusOr<std::vector<SupportRow>> parse_support_table(std::string_view text);

// The compiled one; a test holds that it can be parsed.
std::string_view support_table_text();

// Whether the row is about this release; either of the last two may be empty.
bool is_about(const SupportRow& row, std::string_view id, std::string_view version,
              std::string_view codename);

}  // namespace muster::lifecycle
