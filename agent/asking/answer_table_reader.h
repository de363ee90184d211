// Reads what muster-answers wrote. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "agent/asking/answer_table.h"

namespace muster::answers {

// InvalidArgument unless the bytes are a whole table within its bounds, to the last byte.
absl::StatusOr<std::vector<Answer>> parse_table(std::string_view bytes);

}  // namespace muster::answers
