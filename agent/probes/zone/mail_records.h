// What a zone says of its mail and of who may issue certificates for it. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "agent/probes/zone/zone_records.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// `registered`: the registered part of the zone's name (its organisational domain), or empty where
// it has none. Sets the fields of the facts that are about mail and CAA.
boost::asio::awaitable<void> look_at_records(ZoneRecords& records, std::string zone,
                                             std::string registered,
                                             std::vector<std::string> selectors,
                                             v1::ZoneFacts& facts);

}  // namespace muster::zone
