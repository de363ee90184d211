// The look of the program: one target of kind zone, over the network. See README.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/probes/network/look.h"
#include "muster/v1/section.pb.h"

namespace muster::zone {

// Failed where neither the zone above nor any server of the zone told anything. Unset: the lease
// ended. `port`: of name servers other than this host's own; 53 but for tests.
boost::asio::awaitable<std::optional<v1::Section>> look_at_target(network_probe::Look& look,
                                                                  uint16_t port);

}  // namespace muster::zone
