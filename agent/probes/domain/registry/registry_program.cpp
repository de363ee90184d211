#include "agent/probes/domain/registry/registry_program.h"

#include <chrono>
#include <iostream>
#include <string>

#include "agent/output/status_text.h"
#include "agent/probes/domain/registry/registry_inputs.h"
#include "agent/probes/network/network_probe.h"
#include "common/clock.h"

namespace muster::domains::registry {
namespace {

// As a broken request: EX_DATAERR.
constexpr int kBrokenInput = 65;

std::chrono::sys_seconds now_of(const Clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.now());
}

}  // namespace

int run_registry_program(int argc, char** argv, const probe::Description& description,
                         const RegistryLook& look_at) {
  const SystemClock clock;
  const auto inputs = read_registry_inputs();
  if (!inputs.ok()) {
    std::cerr << agent::text_of(inputs.status()) << '\n';
    return kBrokenInput;
  }
  Registries registries({.suffixes = inputs->suffixes,
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
      argc, argv, description,
      [&look_at, &registries, &inputs](network_probe::Look& look) {
        return look_at(look, registries, inputs->suffixes);
      },
      network_probe::Needs::kNothing, &kept);
}

}  // namespace muster::domains::registry
