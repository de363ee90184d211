// muster-probe-tls: what TLS servers show to who connects. See README.md.
#include "agent/probes/network/network_probe.h"
#include "agent/probes/tls/host_trust.h"
#include "agent/probes/tls/revocation.h"
#include "agent/probes/tls/tls_look.h"
#include "common/clock.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "tls",
    .summary = "Reports the certificates that TLS servers show, and the versions that they take.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  using namespace muster;
  const SystemClock clock;
  const tls::TrustStore store = tls::trust_of_host();
  tls::Revocations revocations(store, clock);
  tls::ServedChains chains(store);
  tls::HandshakePlaces places;
  const tls::LookParts parts{
      .store = store, .revocations = revocations, .chains = chains, .places = places};
  return network_probe::run(
      argc, argv, kDescription,
      [&parts](network_probe::Look& look) { return tls::look_at_tls(look, parts); },
      network_probe::Needs::kCredentials);
}
