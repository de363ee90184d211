// What evaluating a domain's record of SPF takes: every record that it includes or redirects to is
// looked up and counted (RFC 7208, section 4.6.4). One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "agent/probes/zone/questions.h"
#include "agent/probes/zone/zone_records.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// Who evaluates gives up beyond these; look-ups are counted on to kMostCountedLookups, to say how
// far beyond.
inline constexpr unsigned kMostSpfLookups = 10;
inline constexpr unsigned kMostVoidLookups = 2;
inline constexpr unsigned kMostCountedLookups = 40;

// `found`: the texts at the domain itself.
boost::asio::awaitable<v1::SpfRecord> evaluate_spf(ZoneRecords& records, std::string domain,
                                                   FoundRecords found);

}  // namespace muster::zone
