// muster-probe-domain: what registries say of domains. See README.md.
#include "agent/probes/domain/registry/domain_look.h"
#include "agent/probes/domain/registry/registry_program.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "domain",
    .summary = "Reports what registries say of domains: until when, by whom, and whether locked.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  using namespace muster;
  return domains::registry::run_registry_program(
      argc, argv, kDescription,
      [](network_probe::Look& look, domains::registry::Registries& registries,
         const domains::PublicSuffixes&) {
        return domains::registry::look_at_domain(look, registries);
      });
}
