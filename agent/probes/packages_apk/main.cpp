// muster-probe-packages-apk: what apk says of a system. See README.md.
#include <array>

#include "agent/probes/packages_apk/apk_look.h"
#include "agent/probes/probe_program.h"

namespace {

// For its sandbox alone, which the launcher makes: nothing is looked at because of it.
constexpr std::array<muster::probe::Setting, 1> kSettings = {{
    {"readable", "what else it may read: repositories that are directories, a cache elsewhere"},
}};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv,
                            {.name = "packages-apk",
                             .summary = "Reports installed packages and pending updates of apk",
                             .settings = kSettings},
                            [](const muster::v1::ProbeRequest& request) {
                              return muster::packages_apk::look_at_packages(request.root());
                            });
}
