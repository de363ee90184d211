// What antivirus and HIDS complain of, and what could not be read of them, where no control asks
// for it. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// Up to two paragraphs of each product, without what the verdicts say already:
//
//   ClamAV says: there are no signatures in /var/lib/clamav: run freshclam.
//   Of ClamAV could not be read: last update tried, last update succeeded (Permission denied).
std::vector<std::string> product_notes(std::span<const SectionState> sections,
                                       std::span<const v1::Verdict> verdicts);

}  // namespace muster::agent
