// One look of muster-probe-lookalikes at a target.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/probes/domain/registry/registries.h"
#include "agent/probes/network/look.h"
#include "muster/v1/section.pb.h"

namespace muster::lookalikes {

// Unset: the lease ended. `registries` and `suffixes` outlive it.
boost::asio::awaitable<std::optional<v1::Section>> look_at_target(
    network_probe::Look& look, domains::registry::Registries& registries,
    const domains::PublicSuffixes& suffixes);

}  // namespace muster::lookalikes
