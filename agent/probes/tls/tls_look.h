// One look at a TLS endpoint: every address of its name is asked for the chain that it serves and
// the versions that it takes. What it makes of that is facts; what is good enough is the rules'
// matter. See README.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/probes/network/look.h"
#include "agent/probes/tls/chain_verification.h"
#include "agent/probes/tls/handshake_places.h"
#include "agent/probes/tls/revocation.h"
#include "agent/probes/tls/served_chains.h"
#include "muster/v1/section.pb.h"

namespace muster::tls {

// What the looks of one run share; all of it outlives them.
struct LookParts {
  const TrustStore& store;
  Revocations& revocations;
  ServedChains& chains;
  HandshakePlaces& places;
  // False: only what one handshake with each address tells.
  bool ask_versions = true;
};

// One address after the other, each with an equal share of the time that is left; then, with what
// is left of it, revocation as the target asks, and the older versions, each in a connection of its
// own.
boost::asio::awaitable<std::optional<v1::Section>> look_at_tls(network_probe::Look& look,
                                                               const LookParts& parts);

}  // namespace muster::tls
