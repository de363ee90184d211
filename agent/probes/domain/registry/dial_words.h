// How an attempt to reach a registry's server ended, in words. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/network/look.h"

namespace muster::domains::registry {

// "rdap.example.net refuses connections"; of one that was made: empty.
std::string dial_words(std::string_view host, const network_probe::Dial& dial);

}  // namespace muster::domains::registry
