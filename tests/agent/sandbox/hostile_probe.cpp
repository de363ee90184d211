// A probe that has been taken over: put in the place of muster-probe-certificates, it tries the one
// thing that the last component of its first `paths` names, and reports "refused" with the call and
// the kernel's answer, or "did it" as facts. Nothing it tries harms the machine where it succeeds.
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/probe_program.h"
#include "tests/agent/sandbox/hostile_acts.h"

namespace {

constexpr std::array<muster::probe::Setting, 2> kSettings = {{
    {"paths", "/try/NAME, and what NAME needs"},
    {"default_paths", "ignored"},
}};

muster::v1::Section attempt(const muster::v1::ProbeRequest& request) {
  using muster::hostile::Act;
  const std::vector<std::string> paths = muster::probe::setting_values(request, "paths");
  const std::string name = paths.empty() ? "" : paths[0].substr(paths[0].rfind('/') + 1);
  for (const Act& act : muster::hostile::all_acts()) {
    if (act.name != name) continue;
    const muster::hostile::Answer answer = act.attempt(paths.size() > 1 ? paths[1] : std::string());
    if (answer.call.empty()) {
      muster::v1::Section section;
      section.set_outcome(muster::v1::OUTCOME_OBSERVED);
      section.set_facts_type("muster.v1.CertificateFacts");
      return section;
    }
    return muster::probe::failed(answer.call + " was refused: " + std::strerror(answer.error));
  }
  return muster::probe::failed("there is no act '" + name + "'");
}

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(
      argc, argv,
      {.name = "certificates", .summary = "Tries what it must not", .settings = kSettings},
      attempt);
}
