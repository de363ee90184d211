// What waits on one host, for the API: its package managers' own words, and beside each update what
// the policy makes of it. Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/fleet/update_source.h"
#include "muster/v1/fleet.pb.h"
#include "muster/v1/updates.pb.h"

namespace muster::collector {

struct HostUpdatesInput {
  std::string name;
  // At least those of its package managers.
  std::vector<SectionState> sections = {};
  policy::FirstSeen memory = {};
  // Null: it was never judged.
  std::shared_ptr<const policy::Policy> policy = nullptr;
  // Of its controls that ask for security updates.
  std::vector<v1::Verdict> verdicts = {};
  TimePoint now;
};

v1::HostUpdates make_host_updates(const HostUpdatesInput& input);

}  // namespace muster::collector
