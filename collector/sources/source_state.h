// How a source stands, as it is told. A plain value.
#pragma once

#include <absl/status/status.h>

#include <optional>
#include <string>

#include "common/clock.h"

namespace muster::collector {

struct SourceState {
  // The file's path, or the URL without its query.
  std::string name;
  // How many hosts or targets it lists.
  size_t entries = 0;
  // Nothing: never.
  std::optional<TimePoint> last_success = std::nullopt;
  // Of the last load; nothing before the first.
  std::optional<absl::Status> status = std::nullopt;
};

}  // namespace muster::collector
