// What is to be done so that a server takes what is on disk. Pure; any thread.
#pragma once

#include <string_view>

#include "common/server_programs.h"

namespace muster::policy {

// What makes the program take a renewed certificate: "reload", or "restart" where it reads its
// certificate at its start alone.
std::string_view how_to_renew(std::string_view program);

}  // namespace muster::policy
