// One look of the probe "packages-apk": reads the files, has them parsed, and gathers the facts.
// Calls block; one thread.
#pragma once

#include <string>

#include "muster/v1/section.pb.h"

namespace muster::packages_apk {

// `root` as in a checked request ("" for "/"). Not applicable where there is no apk; failed where
// its database cannot be read.
v1::Section look_at_packages(const std::string& root);

}  // namespace muster::packages_apk
