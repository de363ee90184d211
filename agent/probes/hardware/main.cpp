// muster-probe-hardware: what the machine is made of, and how what it has twice fares. See
// README.md.
#include "agent/probes/hardware/hardware_look.h"
#include "agent/probes/probe_program.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "hardware",
    .summary =
        "Reports the parts of the machine, whether its arrays are whole, and how disks and memory "
        "fare.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    return muster::hardware::look_at_hardware(
        request.root(), muster::read_running_system(),
        muster::probe::take_host_answers(request.root(), 'h'));
  });
}
