// A report as an agent sends it: one version of the probe `host`.
#pragma once

#include <string>

#include "common/clock.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/reporting.pb.h"

namespace muster::collector {

inline v1::SyncRequest a_report(TimePoint now, const std::string& os_name) {
  v1::HostFacts facts;
  facts.set_os_pretty_name(os_name);
  v1::SyncRequest report;
  report.set_epoch(1);
  *report.mutable_sent_at() = to_proto(now);
  v1::SectionVersion& version = *report.add_versions();
  version.set_probe("host");
  version.set_sequence(1);
  version.set_outcome(v1::OUTCOME_OBSERVED);
  *version.mutable_observed_at() = to_proto(now);
  version.set_facts_type("muster.v1.HostFacts");
  version.set_facts(facts.SerializeAsString());
  version.set_digest(sha256(version.facts()));
  return report;
}

}  // namespace muster::collector
