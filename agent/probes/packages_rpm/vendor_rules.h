// Whose package it is, by what rpm calls its vendor. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::packages_rpm {

// Vendors that are one count as one: SUSE's and openSUSE's, as libzypp has it. "Red Hat, Inc."
// stays what it is but for its case.
std::string vendor_class(std::string_view vendor);

}  // namespace muster::packages_rpm
