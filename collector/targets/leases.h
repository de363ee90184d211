// Which agent looks at which target, and until when: at every instant at most one, and as soon as
// can be one. An agent's leases have one end, which each answer moves; a target that goes to
// another agent keeps the end that it had, and the next begins after it. So nobody needs to hear of
// anything for two never to look at once: an agent that is cut off or paused stops by itself.
//
// Agents are chosen by rendezvous hashing: who comes or goes moves only its own share. A share goes
// by weight, and a target stays within its site where an agent of that site is alive. An agent is
// alive while its lease runs.
//
// What was granted is in the store before it is granted (holders, and one time that no lease is
// granted beyond), so that a collector that restarts grants nothing twice. Any thread; nothing
// blocks.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"
#include "collector/targets/target_table.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"

namespace muster::collector {

// A host that may look at targets.
struct Looker {
  std::string host_id;
  // Its name.
  std::string host;
  double weight = 1;
  // Empty: none.
  std::string site = {};
  bool operator==(const Looker&) const = default;
};

// Who looks at a target now.
struct TargetHolder {
  std::string host_id;
  std::string host;
};

class TargetLeases {
 public:
  virtual ~TargetLeases() = default;

  virtual void set_targets(std::shared_ptr<const TargetTable> targets) = 0;
  virtual void set_lookers(std::vector<Looker> lookers) = 0;
  // Called every second: ends what has ended, and gives it to others.
  virtual void look() = 0;

  // Whether the host holds the target, or held it at that time of the collector's clock.
  virtual bool may_report(std::string_view host_id, std::string_view target,
                          TimePoint observed_at) const = 0;
  // Adds to the answer of a report that was taken: the host's list where it has another, the
  // lease's new end, and the time by which that counts (server_time). `next_sync`: when the host is
  // told to report next; that is made sooner in the answer where no lease can reach so far. So it
  // is called last. Of a host that never looks it changes nothing.
  virtual void answer(std::string_view host_id, const v1::SyncRequest& request, Duration next_sync,
                      v1::SyncResponse& response) = 0;

  // When a look at a target of a domain was made, by the collector's clock: whoever looks next at
  // one of those that are looked at once a day (target_kinds.h) waits for a day, and one that was
  // never looked at is looked at soon.
  virtual void set_last_look(std::string_view target, TimePoint at) = 0;

  virtual std::optional<TargetHolder> holder_of(std::string_view target) const = 0;
  // Why nobody looks at the target now, for an operator: "no agent that may look at it reports:
  // none has the labels role=monitor". Empty if somebody does.
  virtual std::string note_of(std::string_view target) const = 0;
  // Numbers for metrics.
  struct Counts {
    size_t targets = 0;
    size_t held = 0;
    size_t agents = 0;
    uint64_t moves = 0;
    // As configured; and the longest that an agent that is alive was granted or asks for, which is
    // more where agents are told to wait for long.
    Duration configured_lease{0};
    Duration lease{0};
  };
  virtual Counts counts() const = 0;
};

struct LeaseOptions {
  // As in TargetsConfig.
  Duration lease = std::chrono::minutes(3);
  // Which hosts look, for notes: "role=monitor". Empty: none are configured.
  std::string agents;
  // As in TargetsConfig.
  std::string site_label = "site";
  // This boot of the machine (/proc/sys/kernel/random/boot_id). Empty is never the same as before.
  std::string boot_id;
  // What one agent gets at most: what one answer and one agent take.
  size_t most_targets = 10'000;
  size_t most_list_bytes = 2 * 1024 * 1024;
};

// With what the store has; blocks for that. Clock and store outlive it. Nothing is looked at before
// both set_targets and set_lookers were called: call each first when all of its sources have
// answered or failed.
absl::StatusOr<std::unique_ptr<TargetLeases>> make_target_leases(const Clock& clock, Store& store,
                                                                 const LeaseOptions& options);

}  // namespace muster::collector
