// muster-probe-firmware: what the host's firmware is. See README.md.
#include "agent/probes/firmware/firmware_look.h"
#include "agent/probes/probe_program.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "firmware",
    .summary =
        "Reports the firmware of the machine and its parts, microcode, and what UEFI starts.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    return muster::firmware::look_at_firmware(
        request.root(), muster::probe::take_host_answers(request.root(), 'f'));
  });
}
