// muster-probe-domain: what registries say of domains. See README.md.
#include <iostream>

#include "agent/output/status_text.h"
#include "agent/probes/domain/registry/domain_look.h"
#include "agent/probes/domain/registry/registry_inputs.h"
#include "agent/probes/network/network_probe.h"
#include "common/clock.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "domain",
    .summary = "Reports what registries say of domains: until when, by whom, and whether locked.",
    .settings = {},
};
// As a broken request: EX_DATAERR.
constexpr int kBrokenInput = 65;

std::chrono::sys_seconds now_of(const muster::Clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.now());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace muster;
  using domains::registry::ServerMemory;
  const SystemClock clock;
  const auto inputs = domains::registry::read_registry_inputs();
  if (!inputs.ok()) {
    std::cerr << agent::text_of(inputs.status()) << '\n';
    return kBrokenInput;
  }
  domains::registry::Registries registries(
      {.suffixes = inputs->suffixes,
       .trust = inputs->trust,
       .clock = clock,
       .of_site = inputs->of_site ? &*inputs->of_site : nullptr},
      ServerMemory());
  const network_probe::Kept kept{
      .type = "muster.v1.RegistryMemory",
      .take =
          [&registries, &clock](const std::string& memory) {
            registries.take_memory(ServerMemory::parse(memory, now_of(clock)));
          },
      .leave = [&registries] { return registries.memory().serialize(); }};
  return network_probe::run(
      argc, argv, kDescription,
      [&registries](network_probe::Look& look) {
        return domains::registry::look_at_domain(look, registries);
      },
      network_probe::Needs::kNothing, &kept);
}
