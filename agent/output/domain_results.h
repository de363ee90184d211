// What one look at a domain, at its zone or for its look-alikes gave, in words for a table: what
// result_of (target_report.h) says of these kinds. Pure; any thread.
#pragma once

#include "agent/output/target_report.h"
#include "common/clock.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::agent {

// It answers where somebody has the domain, or a date was given by hand; `looked_at` tells whether
// it has ended.
TargetResult domain_result(const v1::DomainFacts& facts, TimePoint looked_at);
// It answers where every server does that the zone above sends to, and resolvers that check find
// it. The note says what else is not as it should be.
TargetResult zone_result(const v1::ZoneFacts& facts);
// It answers where any of the names was answered for. The note names those that are somebody
// else's.
TargetResult lookalike_result(const v1::LookalikeFacts& facts);

}  // namespace muster::agent
