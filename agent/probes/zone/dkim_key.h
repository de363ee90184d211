// A key of DKIM (RFC 6376, section 3.6.1; RFC 8463), from its record's text. Pure.
#pragma once

#include <string>
#include <string_view>

#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// All but the selector.
v1::DkimKey parse_dkim_key(std::string_view text);

}  // namespace muster::zone
