// A section as the version that is reported: when it is a new one, and what it carries. Pure; any
// thread.
#pragma once

#include "muster/v1/reporting.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// Without a sequence, with facts. The digest is over exactly these bytes.
v1::SectionVersion version_of(const v1::Section& section);

// Whether outcome, reason and facts are the same: then the later one is no new version.
bool says_the_same(const v1::SectionVersion& a, const v1::SectionVersion& b);

}  // namespace muster::agent
