// muster-probe-lookalikes: which names that could be taken for a domain are registered. See
// README.md.
#include <iostream>

#include "agent/output/status_text.h"
#include "agent/probes/domain/registry/registry_inputs.h"
#include "agent/probes/lookalikes/lookalikes_target_look.h"
#include "agent/probes/network/network_probe.h"
#include "common/clock.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "lookalikes",
    .summary = "Reports names that could be taken for a domain and are registered.",
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
      [&](network_probe::Look& look) {
        return lookalikes::look_at_target(look, registries, inputs->suffixes);
      },
      network_probe::Needs::kNothing, &kept);
}
