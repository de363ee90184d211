// Rows of the store's tables: times as their columns have them, microseconds since 1970, and all
// rows of a statement. The store's thread only.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>

#include "collector/store/sqlite.h"
#include "common/clock.h"

namespace muster::collector {

inline int64_t to_column(TimePoint time) {
  return time.time_since_epoch().count();
}

inline TimePoint from_column(int64_t value) {
  return TimePoint(Duration(value));
}

inline void bind_time(Statement& statement, const std::optional<TimePoint>& time) {
  if (time.has_value()) {
    statement.integer(to_column(*time));
  } else {
    statement.null();
  }
}

inline std::optional<TimePoint> time_of(const Statement& row, int column) {
  if (row.column_is_null(column)) return std::nullopt;
  return from_column(row.column_integer(column));
}

// Calls `use` with each row, until one fails.
template <typename Use>
absl::Status for_each_row(Statement& rows, const Use& use) {
  while (true) {
    const absl::StatusOr<bool> row = rows.step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    if (absl::Status used = use(); !used.ok()) return used;
  }
}

}  // namespace muster::collector
