// Targets as a file of YAML lists them:
//
//   defaults: {kind: tcp, interval: 1m, labels: {site: fra}}
//   targets:
//     - {address: "shop.example.org:443", name: shop, owner: web-operations}
//     - {kind: tcp, address: "[2001:db8::1]:22", interval: 5m, timeout: 3s, labels: {role:
//     bastion}}
//
// An entry's own keys go over those of `defaults`, and its labels over the others one by one. Pure;
// any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/targets/target.h"
#include "common/yaml_reader.h"

namespace muster {

inline constexpr size_t kLargestTargetFile = size_t{16} << 20;

// In the order of the file, each with its place. InvalidArgument with one complaint a line, each
// with name:line:column and what to do; after the first 100, how many more there are. Whether a
// name comes twice is for who puts lists together.
absl::StatusOr<std::vector<Target>> parse_target_file(const std::string& text,
                                                      const std::string& name);

// One of which nothing is said, the times neither.
Target unsaid_target();

// Kind, address, interval and timeout of an entry, without name and labels: what `targets.own` of
// an agent's configuration has, too. What is absent is as in `usual`, and the timeout never more
// than the interval; what is wrong is noted in `map`.
Target read_nameless_target(YamlMap& map, const Target& usual = unsaid_target());

}  // namespace muster
