// muster-probe-firmware-fwupd: what fwupd knows of the host's firmware. See README.md.
#include "agent/probes/firmware_fwupd/fwupd_look.h"
#include "agent/probes/probe_program.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "firmware-fwupd",
    .summary =
        "Reports what the daemon fwupd knows of the host's firmware, and starts it for that.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    return muster::fwupd::look(request.root());
  });
}
