// The words in which distributions say how much an advisory matters. Pure; any thread.
#pragma once

#include <string_view>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

// Red Hat's, Fedora's, SUSE's and Oracle's, in any case; unspecified for others ("None").
v1::AdvisorySeverity severity_of(std::string_view word);

}  // namespace muster::packages_rpm
