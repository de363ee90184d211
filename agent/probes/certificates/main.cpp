// muster-probe-certificates: the X.509 certificates in the host's files. See README.md.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>

#include "agent/probes/certificates/certificate_look.h"
#include "agent/probes/probe_program.h"

namespace {

constexpr std::array<muster::probe::Setting, 3> kSettings = {{
    {"paths", "a file, a directory with all below it, or a glob; absolute"},
    {"password_files", "a file of lines \"GLOB PASSWORD\" for key stores and keys; absolute"},
    {"default_paths", "false: look only at the setting paths"},
}};

constexpr muster::probe::Description kDescription = {
    .name = "certificates",
    .summary = "Reports the X.509 certificates in the host's files.",
    .settings = kSettings,
};

// It reads private keys and passwords: neither may outlive it in a file.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace

int main(int argc, char** argv) {
  forbid_core_dumps();
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    return muster::look_at_certificates(request);
  });
}
