#include "agent/probes/domain/registry/dial_words.h"

#include <fmt/format.h>

namespace muster::domains::registry {

std::string dial_words(std::string_view host, const network_probe::Dial& dial) {
  using End = network_probe::Dial::End;
  switch (dial.end) {
    case End::kConnected:
      return {};
    case End::kRefused:
      return fmt::format("{} refuses connections", host);
    case End::kTimedOut:
      return fmt::format("{} did not answer in time", host);
    case End::kUnreachable:
      return fmt::format("{} cannot be reached", host);
    case End::kLeaseEnded:
      return fmt::format("{} was not asked: the lease ended", host);
    default:
      return fmt::format("{} was not asked: {}", host, dial.why);
  }
}

}  // namespace muster::domains::registry
