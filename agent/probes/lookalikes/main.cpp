// muster-probe-lookalikes: which names that could be taken for a domain are registered. See
// README.md.
#include "agent/probes/domain/registry/registry_program.h"
#include "agent/probes/lookalikes/lookalikes_target_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "lookalikes",
    .summary = "Reports names that could be taken for a domain and are registered.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::domains::registry::run_registry_program(argc, argv, kDescription,
                                                         &muster::lookalikes::look_at_target);
}
