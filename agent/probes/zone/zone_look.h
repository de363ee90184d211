// One look at a zone: its delegation, every server of it, its signatures, and its records about
// mail and certificates. Whom it asks is the asker's matter. See README.md. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "agent/probes/zone/asker.h"
#include "common/targets/domain_target.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// `registered`: the registered part of the target's name, empty where it has none. All of the facts
// but the address.
boost::asio::awaitable<v1::ZoneFacts> look_at_zone(Asker& asker, ZoneTarget target,
                                                   std::string registered);

}  // namespace muster::zone
