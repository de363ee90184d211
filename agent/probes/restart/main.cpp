// muster-probe-restart: what is installed but does not run yet. See README.md.
#include "agent/probes/probe_program.h"
#include "agent/probes/restart/restart_look.h"
#include "agent/probes/running_system.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "restart",
    .summary = "Reports what is installed but does not run yet: kernel, microcode, services.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    if (!request.root().empty()) {
      return muster::probe::not_applicable("nothing runs in an image at rest");
    }
    return muster::restart::look_at_restarts("", muster::read_running_system(),
                                             muster::restart::take_process_table(),
                                             &muster::restart::find_in_process_root);
  });
}
