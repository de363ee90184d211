// Files that list targets, found by their paths and globs, and what all of them list together.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "common/targets/target.h"

namespace muster {

inline constexpr size_t kMostTargetTexts = 10'000;
// Of all together.
inline constexpr size_t kTargetTextsBytes = size_t{64} << 20;

struct TargetText {
  // Its path, as complaints name it.
  std::string name;
  std::string text;
  bool operator==(const TargetText&) const = default;
};

struct TargetTexts {
  // By path, each once.
  std::vector<TargetText> texts;
  // Patterns that no file has.
  std::vector<std::string> empty_globs;
};

// Reads them. NotFound: a path that is no glob is not there; else why a file cannot be read, or
// that all together have more than kTargetTextsBytes. Blocks.
absl::StatusOr<TargetTexts> read_target_texts(std::span<const std::string> patterns);

// Every target of them, in their order. InvalidArgument with a complaint a line, each with its
// place: of each file as parse_target_file, and of names that come twice, or of more than
// kMostTargets. Pure.
absl::StatusOr<std::vector<Target>> parse_target_texts(std::span<const TargetText> texts);

}  // namespace muster
