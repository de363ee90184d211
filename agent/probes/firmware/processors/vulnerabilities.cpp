#include "agent/probes/firmware/processors/vulnerabilities.h"

#include <string>

#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr size_t kNameLimit = 64;
constexpr size_t kDetailLimit = 256;

v1::VulnerabilityState state_of(std::string_view words) {
  // What follows is about virtual machines that this host runs: "KVM: Mitigation: Split huge
  // pages".
  constexpr std::string_view kOfGuests = "KVM: ";
  if (words.starts_with(kOfGuests)) words.remove_prefix(kOfGuests.size());
  if (words == "Not affected") return v1::VULNERABILITY_STATE_NOT_AFFECTED;
  if (words.starts_with("Vulnerable") || words == "Processor vulnerable" ||
      words.find(": Vulnerable") != std::string_view::npos) {
    return v1::VULNERABILITY_STATE_VULNERABLE;
  }
  if (words.starts_with("Mitigation: ")) return v1::VULNERABILITY_STATE_MITIGATED;
  // "Unknown: Dependent on hypervisor status", and whatever a later kernel says.
  return v1::VULNERABILITY_STATE_UNSPECIFIED;
}

}  // namespace

v1::ProcessorVulnerability parse_vulnerability(std::string_view name, std::string_view content) {
  const std::string_view words = trim(content);
  v1::ProcessorVulnerability found;
  found.set_name(printable(name, kNameLimit));
  found.set_state(state_of(words));
  found.set_detail(printable(words, kDetailLimit));
  return found;
}

}  // namespace muster::firmware
