// Whether something answers at a target's address: connects, and closes. See README.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/probes/network/look.h"
#include "muster/v1/section.pb.h"

namespace muster {

// One address after the other, each with its share of the time that is left, until one connects.
boost::asio::awaitable<std::optional<v1::Section>> look_at_tcp(network_probe::Look& look);

}  // namespace muster
