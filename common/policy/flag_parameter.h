// A parameter that is true or false. It is a count that can only be 1 or 0, and is written as
// `true` or `false`, in files and in sentences. Pure; any thread.
#pragma once

#include <string_view>

#include "common/policy/parameters.h"

namespace muster::policy {

constexpr Parameter flag_parameter(std::string_view name, bool usual) {
  return count_parameter(name, usual ? 1 : 0, 0, 1);
}

constexpr bool is_flag(const Parameter& parameter) {
  const int64_t* const low = std::get_if<int64_t>(&parameter.low);
  const int64_t* const high = std::get_if<int64_t>(&parameter.high);
  return low != nullptr && high != nullptr && *low == 0 && *high == 1;
}

}  // namespace muster::policy
