// What the programs that ask registries share: what they are given of their host, and the memory of
// registries that one run leaves for the next. A program's own folder holds one look.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "agent/probes/domain/registry/registries.h"
#include "agent/probes/network/look.h"
#include "agent/probes/probe_program.h"
#include "muster/v1/section.pb.h"

namespace muster::domains::registry {

// One look, as network_probe's; what it is given outlives it.
using RegistryLook = std::function<boost::asio::awaitable<std::optional<v1::Section>>(
    network_probe::Look& look, Registries& registries, const PublicSuffixes& suffixes)>;

// As network_probe::run; 65 as well where root's file of RDAP servers is broken. Its row inherits
// what read_registry_inputs says, and keeps a RegistryMemory.
int run_registry_program(int argc, char** argv, const probe::Description& description,
                         const RegistryLook& look_at);

}  // namespace muster::domains::registry
