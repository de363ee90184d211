// muster-probe-packages-rpm: what rpm and dnf, yum or zypper say of a system. See README.md.
#include "agent/probes/packages_rpm/rpm_look.h"
#include "agent/probes/probe_program.h"

int main(int argc, char** argv) {
  return muster::probe::run(
      argc, argv,
      {.name = "packages-rpm",
       .summary = "Reports installed packages and pending updates as rpm and dnf see them",
       .settings = {}},
      muster::packages_rpm::look);
}
