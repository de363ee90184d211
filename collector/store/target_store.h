// What the collector keeps on disk of targets, beside their sections that come with a host's Sync
// (Store::commit_sync): whose versions they are, when they were last seen, and the memory of their
// verdicts. What is listed, and where, is not here. As Store: one queue, callbacks after the
// commit.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "collector/store/store.h"

namespace muster::collector {

// A target as it comes back at start.
struct StoredTarget {
  // The name of a listed target; "<host id>/<name>" of a host's own.
  std::string id;
  // Id of the host whose versions its sections are.
  std::string reporter;
  // Of that host's memory.
  uint64_t epoch = 0;
  // When it was last looked at. Unset: never.
  std::optional<TimePoint> looked_at;
  // Without their entity.
  std::vector<SectionRecord> sections;
  policy::FirstSeen first_seen;
};

class TargetStore {
 public:
  using Done = Store::Done;
  virtual ~TargetStore() = default;

  // Everything, for the start; blocks.
  virtual absl::StatusOr<std::vector<StoredTarget>> load_targets() = 0;
  // Replaces the memory of one target's verdicts, of one that nobody reported yet, too.
  virtual void put_target_first_seen(std::string target_id, policy::FirstSeen first_seen,
                                     Done done) = 0;
  // As Store::commit_times.
  virtual void commit_target_times(std::vector<TargetWrite> writes, Done done) = 0;
  // With everything about them. One that is not there is no error.
  virtual void remove_targets(std::vector<std::string> target_ids, Done done) = 0;
};

}  // namespace muster::collector
