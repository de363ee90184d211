// Who sold a registration, of the "entities" of an RDAP answer (RFC 9083, section 5.1). Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace muster::domains::rdap {

// The name of the first entity with the role "registrar", itself or within another one: its jCard's
// fn, else its org, else "IANA " and its number, else its handle. Empty where there is none.
std::string registrar_of(const boost::json::object& domain);

}  // namespace muster::domains::rdap
