// What $basearch in a repository's address stands for. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::packages_rpm {

// "i386" of i686, "x86_64" of amd64; dnf's table. Others are their own.
std::string base_architecture(std::string_view machine);

}  // namespace muster::packages_rpm
