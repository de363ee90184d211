// One look of the probe "lifecycle": reads the sources, has them parsed, and gathers the facts.
// Calls block; one thread.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::lifecycle {

// `root` as in a checked request ("" for "/"). `running_kernel` is what uname -r says; empty for an
// image at rest. `table` is a table as support_table.h has it. Failed if there is no os-release.
v1::Section look_at_lifecycle(const std::string& root, std::string_view running_kernel,
                              std::string_view table, TimePoint now);

}  // namespace muster::lifecycle
