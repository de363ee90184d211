// muster-probe-lifecycle: until when somebody mends a system. See README.md.
#include "agent/probes/lifecycle/lifecycle_look.h"
#include "agent/probes/lifecycle/support_table.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/running_system.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "lifecycle",
    .summary = "Reports until when the distribution and its kernel are supported.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    std::string kernel;
    if (request.root().empty()) kernel = muster::read_running_system().kernel_release;
    return muster::lifecycle::look_at_lifecycle(request.root(), kernel,
                                                muster::lifecycle::support_table_text(),
                                                muster::SystemClock().now());
  });
}
