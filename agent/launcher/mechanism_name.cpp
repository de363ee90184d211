#include "agent/sandbox/sandbox.h"

// Apart from the sandbox, so that the agent can name what it does not link.
namespace muster::agent {

std::string_view mechanism_name(Mechanism mechanism) {
  static constexpr std::array<std::string_view, kMechanismCount> kNames{
      "user", "capabilities", "no-new-privileges", "seccomp", "landlock", "limits"};
  return kNames[static_cast<size_t>(mechanism)];
}

}  // namespace muster::agent
