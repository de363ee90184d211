// A probe as a process, beside the tool that it is held to.
#pragma once

#include <string>
#include <vector>

#include "muster/v1/section.pb.h"

namespace muster::test {

// What muster-probe-NAME of this build says of the root; a failure of the test where it says
// nothing. `prefix`: what it is started by, such as setpriv with its arguments.
v1::Section section_of_probe(const std::string& name, const std::string& root,
                             const std::vector<std::string>& prefix);

}  // namespace muster::test
