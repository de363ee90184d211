// The files that list targets: found by their paths and globs, and kept together as one text, so
// that what they said last holds as a whole.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

#include "collector/targets/target_list.h"

namespace muster::collector {

inline constexpr size_t kMostTargetTexts = 10'000;

struct TargetText {
  // Its path, as complaints name it.
  std::string name;
  std::string text;
  bool operator==(const TargetText&) const = default;
};

struct TargetTexts {
  // By path, each once.
  std::vector<TargetText> texts;
  // Patterns of the configuration that no file has.
  std::vector<std::string> empty_globs;
};

// Reads them. NotFound: a path that is no glob is not there; else why a file cannot be read, or
// that all together have more than kSourceBytes. Blocks.
absl::StatusOr<TargetTexts> read_target_texts(std::span<const std::string> patterns);

// All texts as one, and that again as them; InvalidArgument if it is no such text. Pure.
std::string join_target_texts(std::span<const TargetText> texts);
absl::StatusOr<std::vector<TargetText>> split_target_texts(const std::string& joined);

// Every target of them. InvalidArgument with a complaint a line, each with its place: of each file
// as parse_target_file, and of names that come twice, or of more than kMostTargets. Pure.
absl::StatusOr<TargetList> parse_target_texts(std::span<const TargetText> texts);

}  // namespace muster::collector
