// Baselines as files of YAML list them, beside the policy (docs/baselines.md):
//
//   baselines:
//     - id: r640-bios
//       match: {kind: bios, vendor: Dell Inc., model: [PowerEdge R640, "PowerEdge R640*"]}
//       version_format: dell-bios
//       minimum: 2.19.1
//       approved: [2.17.1]
//       forbidden:
//         - {version: 2.20.0, why: it was withdrawn}
//         - {range: {from: 2.18.0, below: 2.18.2}, why: fans stop}
//       source: https://www.dell.com/support
//       date: 2026-11-02
//       required_from: 2027-01-01
//
// Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>

#include "common/firmware/baseline.h"

namespace muster::firmware {

// Of one file, and of all of them together.
inline constexpr size_t kLargestBaselineFile = size_t{4} << 20;
inline constexpr size_t kMostBaselines = 2'000;
// Of one entry's models, approved versions, or forbidden ones.
inline constexpr size_t kMostOfAnEntry = 100;
// Of a model or vendor, in bytes, as a pattern.
inline constexpr size_t kLongestPattern = 128;

struct BaselineText {
  // Its path, as complaints name it.
  std::string name;
  std::string text;
};

// Every entry of them, in their order. InvalidArgument with a complaint a line, each with
// name:line:column and what to do; after the first 100, how many more there are.
absl::StatusOr<Baseline> parse_baselines(std::span<const BaselineText> texts);

}  // namespace muster::firmware
