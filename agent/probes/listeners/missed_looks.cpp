#include "agent/probes/listeners/missed_looks.h"

#include <fmt/format.h>

#include <limits>

namespace muster::listeners {
namespace {

void count(uint32_t& missed) {
  if (missed < std::numeric_limits<uint32_t>::max()) ++missed;
}

// The words have no number that grows: what is not known does not move from look to look.
void forget(KnownService& service) {
  v1::TlsService nothing;
  nothing.set_address(service.said.address());
  nothing.set_server_name(service.said.server_name());
  nothing.set_detail(
      fmt::format("not asked since: in {} looks or more its turn came and the time was over, since "
                  "others answer slowly",
                  kMostMissed));
  service = {.said = nothing, .chain = {}, .missed = kMostMissed};
}

}  // namespace

void miss_look(KnownListener& listener) {
  count(listener.missed_in_a_row);
  count(listener.missed_in_all);
  for (KnownService& service : listener.services) {
    if (service.missed < kMostMissed && ++service.missed == kMostMissed) forget(service);
  }
  listener.versions.miss_look();
}

uint64_t turn_of(const KnownListener& listener, uint64_t look) {
  return look - listener.missed_in_all;
}

}  // namespace muster::listeners
