// muster-probe-certificates: the X.509 certificates in the host's files. See README.md.
#include <array>

#include "agent/probes/certificates/certificate_look.h"
#include "agent/probes/probe_program.h"

namespace {

constexpr std::array<muster::probe::Setting, 2> kSettings = {{
    {"paths", "a file, a directory with all below it, or a glob; absolute"},
    {"default_paths", "false: look only at the setting paths"},
}};

constexpr muster::probe::Description kDescription = {
    .name = "certificates",
    .summary = "Reports the X.509 certificates in the host's files.",
    .settings = kSettings,
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    return muster::look_at_certificates(request);
  });
}
