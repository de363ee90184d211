// Log lines of the launcher, in the form of common/log.h, without what that stands on.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

namespace muster::agent {

using LaunchLogField = std::pair<std::string_view, std::string_view>;

// One line to stderr. `level` is "info", "warning" or "error".
void say(std::string_view level, std::string_view message,
         std::initializer_list<LaunchLogField> fields = {});

}  // namespace muster::agent
