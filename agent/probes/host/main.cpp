// muster-probe-host: which machine this is. See README.md.
#include <optional>

#include "agent/probes/host/host_look.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/running_system.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "host",
    .summary = "Reports which machine this is: system, kernel, hardware, names.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    std::optional<muster::RunningSystem> running;
    if (request.root().empty()) running = muster::read_running_system();
    return muster::look_at_host(request.root(), running);
  });
}
