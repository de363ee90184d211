// What the fleet hands out and takes: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"
#include "common/exposition/family_set.h"
#include "common/exposition/host_metrics.h"
#include "common/labels.h"
#include "common/targets/target.h"
#include "muster/v1/reporting.pb.h"

namespace muster::collector {

// What a report says of one target.
struct TargetReport {
  // As the fleet of targets knows it.
  std::string id;
  // Of the request, which outlives it.
  std::vector<const v1::SectionVersion*> versions;
};

// What a report changes, and the answer to it.
struct SyncPlan {
  // Empty sections: a heartbeat, nothing to commit.
  SyncWrite write;
  v1::SyncResponse response;
};

// The same of the targets that the host looks at.
struct TargetsPlan {
  std::string host_id;
  uint64_t epoch = 0;
  // When the report came.
  TimePoint synced_at;
  // All that were accepted.
  std::vector<TargetReport> reports;
  // Of those with something to commit, in the same order.
  std::vector<TargetWrite> writes;
  // The host may have other targets of its own than before.
  bool tells_own_targets = false;
};

// What an operator knows a host by.
struct KnownHost {
  std::string name;
  std::string machine_id_hash;
};

// Names that the inventory lists and no host has; and those of hosts that it does not list.
struct InventoryGaps {
  std::vector<std::string> missing;
  std::vector<std::string> unlisted;
};

// How a host stands in a rotation of the CA.
struct HostTrust {
  std::string name;
  bool reporting = false;
  // As in the last report since the start; empty: not known.
  std::string trust_bundle_sha256;
  // As in IdentityRecord.
  std::string ca_sha256;
};

struct FleetCounts {
  size_t hosts = 0;
  size_t reporting = 0;
  size_t quarantined = 0;
  size_t revoked = 0;
  // In the inventory.
  size_t listed = 0;
};

// How often a host's part of the metrics was rendered: what a report moves, and what changes only
// with facts and verdicts.
struct Renderings {
  uint64_t moving = 0;
  uint64_t settled = 0;
};

// A host with its labels, and the targets of its own.
struct LabelledHost {
  std::string id;
  std::string name;
  Labels labels;
  std::vector<Target> own_targets;
};

struct FleetOptions {
  // What one host or target may have in /metrics.
  size_t series_budget = exposition::kUsualSeriesBudget;
  const exposition::FamilySet* families = &exposition::kHostFamilySet;
  // Replaces the memory of one entity's verdicts in the store (as Store::put_first_seen).
  std::function<void(const std::string& id, const policy::FirstSeen& memory, Store::Done done)>
      save_memory;
};

}  // namespace muster::collector
