// The files that list targets, kept together as one text, so that what they said last holds as a
// whole. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "common/targets/target_texts.h"

namespace muster::collector {

// All texts as one, and that again as them; InvalidArgument if it is no such text.
std::string join_target_texts(std::span<const TargetText> texts);
absl::StatusOr<std::vector<TargetText>> split_target_texts(const std::string& joined);

}  // namespace muster::collector
