// What is registered about a domain, as a section of the probe "domain". See ../README.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>

#include "agent/probes/domain/registry/registries.h"
#include "agent/probes/network/look.h"
#include "common/targets/domain_target.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::domains::registry {

inline constexpr int kMostStatuses = 32;
inline constexpr int kMostNameServers = 32;

// Of a reply that is kTold or kUnsupported. `address` as the target gives it. Pure.
v1::DomainFacts facts_of(std::string_view address, const DomainTarget& target,
                         const RegistryReply& reply);

// Facts, or a failed section with the reply's `why`: never a date of what was not told.
boost::asio::awaitable<std::optional<v1::Section>> look_at_domain(network_probe::Look& look,
                                                                  Registries& registries);

}  // namespace muster::domains::registry
