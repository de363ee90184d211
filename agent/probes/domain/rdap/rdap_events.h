// What happened to a registration and when, of the "events" of an RDAP answer (RFC 9083,
// section 4.5). Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "agent/probes/domain/registration.h"

namespace muster::domains::rdap {

// RFC 3339, and as servers write it instead: with a blank in place of the T, without a zone, a day
// alone. Unset for anything else, for what the calendar has not, and for years before 1985 (there
// were no domains) and after 2200 (a registry's word for never).
std::optional<RegistryTime> read_rdap_time(std::string_view text);

// Sets expires, created and changed. An event that is there twice with different times, or with one
// that cannot be read, is not given: which one is true is not ours to guess. "expiration" is the
// registry's; the registrar's own ("registrar expiration") stands in only where there is none of
// the registry.
void read_events(const boost::json::object& domain, Registration& registration);

}  // namespace muster::domains::rdap
