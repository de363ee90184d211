// A record of DMARC (RFC 7489, section 6.3), from its text. Pure.
#pragma once

#include <string>
#include <vector>

#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// Of the texts at one name: ABSENT where none is of DMARC, INVALID where several are. `of_parent`:
// it is the record of the registered domain above, whose `sp` counts. All but the domain.
v1::DmarcRecord read_dmarc(const std::vector<std::string>& texts, bool of_parent);

}  // namespace muster::zone
