// What a Release file says in one line, without parsing all of it. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::packages_apt {

// The value of a field ("Suite") of `release` (Release or InRelease); empty if it has none.
std::string_view release_field(std::string_view release, std::string_view name);

// The signature that an InRelease file ends with, in armor; empty if there is none.
std::string_view inline_signature(std::string_view release);

}  // namespace muster::packages_apt
