// WHOIS answers of registries and registrars (RFC 3912, which gives them no form) as facts. Pure;
// any thread.
#pragma once

#include <string_view>

#include "agent/probes/domain/registration.h"

namespace muster::domains::whois {

// What `answer`, any bytes, says of `domain`, the name that was asked for (any script or case).
//
// An answer that speaks of another domain, contradicts itself or is larger than answer_fields'
// bounds is kUnreadable. Dates are given of a kRegistered domain only: one that could be read two
// ways is settled by other dates of the answer, by what the answer says of its dates ("DD/MM/YYYY")
// or by what is known of the registry (whois_servers.h), and is left out otherwise; so is an expiry
// that the answer gives twice with different days. The registry's expiry goes before the
// registrar's.
Registration read_whois(std::string_view answer, std::string_view domain);

}  // namespace muster::domains::whois
