// What a rule can be told in the policy: each parameter has a name, a type with its unit, a usual
// value and bounds. One visible table a rule (rules.cpp); the reader of the file holds to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock.h"

namespace muster::policy {

using Globs = std::vector<std::string>;

// A duration ("30d"), a fraction of a whole ("0.34"), a count ("5"), or globs (["path /proc"]).
using ParameterValue = std::variant<Duration, double, int64_t, Globs>;

struct Parameter {
  std::string_view name;
  // All of one type, which is the parameter's. Within [low, high]; of globs both say nothing.
  ParameterValue usual;
  ParameterValue low;
  ParameterValue high;
};

// What a control tells its rule; what it does not tell has the usual value.
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

inline constexpr Duration kTenYears = std::chrono::days(3653);

constexpr Parameter duration_parameter(std::string_view name, Duration usual,
                                       Duration low = std::chrono::seconds(1)) {
  return {.name = name, .usual = usual, .low = low, .high = kTenYears};
}

constexpr Parameter fraction_parameter(std::string_view name, double usual) {
  return {.name = name, .usual = usual, .low = 0.0, .high = 1.0};
}

constexpr Parameter count_parameter(std::string_view name, int64_t usual, int64_t low,
                                    int64_t high) {
  return {.name = name, .usual = usual, .low = low, .high = high};
}

// None if it is left out; of what is written, file/fields.h has the bounds.
inline Parameter globs_parameter(std::string_view name) {
  return {.name = name, .usual = Globs(), .low = Globs(), .high = Globs()};
}

}  // namespace muster::policy
