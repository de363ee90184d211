// What the agent spends to find out that the packages have not changed: CPU seconds of one check of
// this machine, the mean of many in one process, as in an agent that has long been up.
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "agent/launcher/input_fingerprint.h"
#include "agent/looking/probe_list.h"

namespace {

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

int main() {
  constexpr int kChecks = 200;
  for (const muster::agent::ProbeRow& probe : muster::agent::all_probes()) {
    if (probe.name != "packages-apt") continue;
    const std::optional<std::string> first = muster::agent::input_fingerprint("", probe.inputs);
    if (!first) break;
    const double start = cpu_seconds();
    for (int i = 0; i < kChecks; ++i) {
      if (muster::agent::input_fingerprint("", probe.inputs) != first) {
        fmt::print(stderr, "the packages changed meanwhile\n");
        return EXIT_FAILURE;
      }
    }
    fmt::print("{:.9f}\n", (cpu_seconds() - start) / kChecks);
    return EXIT_SUCCESS;
  }
  fmt::print(stderr, "the packages' inputs could not be looked at\n");
  return EXIT_FAILURE;
}
