// `baselines:` of a policy: which versions of firmware a site asks for (docs/baselines.md).
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
// Pure.
#pragma once

#include <vector>

#include "common/firmware/baseline.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kMostBaselines = 2'000;
// Of one entry's models, approved versions, or forbidden ones.
inline constexpr size_t kMostOfAnEntry = 100;
// Of a model or vendor, in bytes, as a pattern.
inline constexpr size_t kLongestPattern = 128;

// Every entry, in their order. Two that contradict each other are complained of.
firmware::Baseline read_baselines(std::vector<YamlMap>& maps);

}  // namespace muster::policy
