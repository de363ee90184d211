// muster-probe-tls without its questions about older versions: one handshake with each endpoint, as
// the bench's peer makes it.
#include "agent/probes/network/network_probe.h"
#include "agent/probes/tls/host_trust.h"
#include "agent/probes/tls/revocation.h"
#include "agent/probes/tls/tls_look.h"
#include "common/clock.h"

int main(int argc, char** argv) {
  using namespace muster;
  const SystemClock clock;
  const tls::TrustStore store = tls::trust_of_host();
  tls::Revocations revocations(store, clock);
  tls::ServedChains chains(store);
  tls::HandshakePlaces places;
  const tls::LookParts parts{.store = store,
                             .revocations = revocations,
                             .chains = chains,
                             .places = places,
                             .ask_versions = false};
  return network_probe::run(
      argc, argv, {.name = "tls", .summary = "One handshake each.", .settings = {}},
      [&parts](network_probe::Look& look) { return tls::look_at_tls(look, parts); },
      network_probe::Needs::kCredentials);
}
