#include "agent/looking/section_version.h"

#include "common/digest.h"

namespace muster::agent {

v1::SectionVersion version_of(const v1::Section& section) {
  v1::SectionVersion version;
  version.set_entity(section.entity());
  version.set_probe(section.probe());
  version.set_outcome(section.outcome());
  version.set_reason(section.reason());
  *version.mutable_changed_at() = section.observed_at();
  *version.mutable_observed_at() = section.observed_at();
  *version.mutable_measurements() = section.measurements();
  if (section.outcome() == v1::OUTCOME_OBSERVED) {
    version.set_facts_type(section.facts_type());
    version.set_digest(sha256(section.facts()));
    version.set_facts(section.facts());
  }
  return version;
}

bool says_the_same(const v1::SectionVersion& a, const v1::SectionVersion& b) {
  return a.outcome() == b.outcome() && a.reason() == b.reason() &&
         a.facts_type() == b.facts_type() && a.digest() == b.digest();
}

}  // namespace muster::agent
