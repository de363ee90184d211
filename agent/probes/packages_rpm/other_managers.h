// Package managers that no probe of Muster knows. Calls block; any thread.
#pragma once

#include <string>

namespace muster::packages_rpm {

// "packages of pacman are not supported: ..." where such a manager's database is the only one of
// this system; empty where there is none, or one that a probe knows.
std::string unsupported_manager(const std::string& root);

}  // namespace muster::packages_rpm
