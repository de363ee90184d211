#include "collector/policy_words/rule_words.h"

#include <array>

namespace muster::collector {
namespace {

constexpr std::array<RuleWords, 9> kWords{{
    {"security_updates",
     "Every pending update that closes security holes is installed within the deadline, counted "
     "from when the collector first saw it.",
     "Install the updates on the host (apt upgrade, or what its package manager calls it), and "
     "free those that are held or kept back; the next look of the packages probe sees it."},
    {"package_lists_fresh",
     "The lists of available packages were refreshed not longer ago than lists_max_age: without "
     "that, \"no updates\" is an old answer.",
     "Refresh the lists on the host (apt-get update, or what its package manager calls it), and "
     "see why the timer that should do so (apt-daily.timer) does not."},
    {"certificate_not_expired",
     "Every certificate in the files that the probe looks at is within its dates.",
     "Replace the certificate, or remove the file where nothing uses it."},
    {"certificate_renewal",
     "Every certificate is replaced before the shorter of renew_before and last_fraction of its "
     "lifetime is left. Within that time it is due; half-way through it fails.",
     "Renew the certificate, and see why its renewal does not run by itself."},
    {"host_reporting", "The host has reported to the collector within silent_after.",
     "See whether the host is up and reaches the collector; on it, muster-agent status says why "
     "the last report failed. A host that is gone for good: muster-collector host remove."},
    {"agent_sandboxed", "Each part of the sandbox that holds the agent's probes is there.",
     "Run the agent with its launcher as root on a kernel that has what is missing."},
    {"agent_sees_all", "The agent's probes may look at what only root may read.",
     "Run the agent's launcher as root, as its systemd unit does."},
    {"waivers_current", "No waiver that covers the host or target is within warn_before its end.",
     "Meet the control that was waived before the waiver ends, or have the waiver approved anew "
     "with another end."},
    {"tcp_answers",
     "Something answers at the target's address, and within `within` where that is more than 0.",
     "Where nobody could look, do what the reason says, such as list it in targets.allow of the "
     "host that looks. Else see whether the service runs, and whether what lies between lets its "
     "port through: muster-collector target show tells who looked and what was tried."},
}};

}  // namespace

RuleWords words_of_rule(std::string_view rule) {
  for (const RuleWords& words : kWords) {
    if (words.rule == rule) return words;
  }
  return {};
}

}  // namespace muster::collector
