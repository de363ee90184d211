// Who looks at which target and until when, and what agents are told of it: the state machine of
// TargetLeases, without threads, store or clock. leases.h tells what it promises; here is how.
//
// - An agent's end is the latest that any answer named. A target that is taken from it keeps that
//   end, on its list, and every later answer has that list: so no answer that comes late, twice
//   or never lets it look for longer.
// - The next holder begins when the former's end is past by a margin, for clocks that differ. Where
//   the holder cannot know of the target yet (no answer had it), nothing is waited for.
// - A holder is on its agent's list only once the store has it, and no end is beyond the horizon
//   that the store has. A holder that goes needs no store: if that is forgotten it is renewed.
// - At most two are involved at a time: a target that is on its way is moved on only when it has
//   arrived.
//
// Which one an agent holds is known by the target's name alone: a target that was taken off the
// list and comes back with another address waits for whoever may still look at the old one.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/lease_records.h"
#include "collector/targets/lease_clock.h"
#include "collector/targets/lease_state.h"
#include "collector/targets/rendezvous.h"

namespace muster::collector {

// How far clocks of two agents may part within a lease: a second, and a thousandth of it.
constexpr Duration lease_margin(Duration lease) {
  return std::chrono::seconds(1) + lease / 1000;
}

class LeaseBook {
 public:
  explicit LeaseBook(LeaseOptions options) : options_(std::move(options)) {}

  // What the store has, before anything else. `clock_goes_on`: as LeaseClock tells.
  void restore(const StoredLeases& leases, bool clock_goes_on);
  // `now`, here and below: of the LeaseClock.
  void set_targets(std::shared_ptr<const TargetTable> table, TimePoint now);
  void set_lookers(std::vector<Looker> lookers);
  // By which agents are told times; all lists are made anew.
  void set_wall_offset(Duration offset);

  // By the wall clock.
  void set_last_look(std::string_view target, TimePoint at);

  // What time changes: begin(), then step() until it is false, each a small piece of work.
  void begin(TimePoint now);
  bool step(TimePoint now);
  // Makes one list anew that has to be; false: there was none. answer() would do it else.
  bool make_list();

  // What the store is to have next: nothing if it has no targets and no horizon. Its end is told to
  // written() before the next is asked for.
  LeaseWrite next_write(const LeaseClock& clock);
  void written(const absl::Status& status);

  struct Answer {
    std::string_view digest;
    // Null: the agent has it.
    const std::string* list = nullptr;
    TimePoint valid_until;
    // It has no lease that runs, so its list is being made: it had better ask again soon.
    bool is_new = false;
  };
  // Unset: the host has nothing to do with targets. The answer's pointers are good until the next
  // call.
  std::optional<Answer> answer(std::string_view host_id, const v1::SyncRequest& request,
                               Duration lease, TimePoint now);
  std::vector<std::string> hosts() const;

  bool may_report(std::string_view host_id, std::string_view target, TimePoint observed_at,
                  TimePoint now) const;
  std::optional<TargetHolder> holder_of(std::string_view target, TimePoint now) const;
  std::string note_of(std::string_view target, TimePoint now) const;
  TargetLeases::Counts counts(TimePoint now) const;

 private:
  // Agents and sites by number.
  uint32_t place_of(const std::string& host_id);
  uint32_t find_agent(std::string_view host_id) const;
  uint32_t site_of(const std::string& name);
  bool is_alive(const LeaseAgent& agent, TimePoint now) const;

  // Targets.
  LeasedTarget* find(std::string_view name);
  const LeasedTarget* find(std::string_view name) const;
  void list(LeasedTarget& target, const TargetTable::Targets::value_type& listed);
  void take_up(LeasedTarget& target, const TargetTable::Targets::value_type& listed);
  void take_off(LeasedTarget& target, TimePoint now);
  void forget_gone(TimePoint now);
  void queue(LeasedTarget& target, const std::string& name);

  // Moves.
  bool is_granted(const LeaseHolder& holder) const;
  bool is_refused(const LeasedTarget& target, uint32_t agent) const;
  void refuse(uint32_t agent, const v1::SyncRequest& request);
  bool is_full(const LeaseAgent& agent) const;
  uint32_t choose_agent(LeasedTarget& target);
  void consider(LeasedTarget& target, TimePoint now);
  void give(LeasedTarget& target, uint32_t agent, TimePoint now);
  void end_former(LeasedTarget& target);
  // Where no look falls into the change, if that is soon.
  TimePoint handover(const LeasedTarget& target, const LeaseAgent& agent, TimePoint now) const;
  void count_in(LeasedTarget& target);
  void count_out(LeasedTarget& target);

  // Lists.
  void make_list(uint32_t place);
  v1::Assignment* add_to(v1::AssignmentList& list, const LeasedTarget& target,
                         TimePoint not_before) const;
  void space(const std::string& name, const Target& listed, v1::Assignment& assignment) const;

  // Who of the two may look right now.
  uint32_t looks_now(const LeasedTarget& target, TimePoint now) const;
  std::string note_of_holder(const LeasedTarget& target, TimePoint now) const;

  TargetLeaseRecord record_of(const std::string& name, const LeasedTarget& target,
                              std::optional<TimePoint> holder_ends) const;
  void stored(const TargetLeaseRecord& record);

  const LeaseOptions options_;
  Duration wall_offset_{};

  // Places are never given up: there are no more than hosts.
  std::vector<LeaseAgent> agents_;
  std::map<std::string, uint32_t, std::less<>> places_;
  std::unordered_map<std::string, uint32_t> sites_;
  bool lookers_known_ = false;
  // What any agent may have been granted before the collector was started, held target or not.
  TimePoint granted_before_ = kNever;
  TimePoint clear_before_ = kNever;
  // After a restore, nobody knows who held what, and so all wait for all. The store is told nothing
  // else before that.
  TimePoint nothing_before_ = kNever;

  // By name, as the table.
  std::shared_ptr<const TargetTable> table_;
  std::vector<LeasedTarget> targets_;
  std::map<std::string, GoneTarget, std::less<>> gone_;
  // Of targets of domains, by the wall clock.
  std::map<std::string, TimePoint, std::less<>> last_looks_;

  // Those who targets fall to, and the number of this ranking of them.
  std::vector<Candidate> candidates_;
  std::vector<uint32_t> candidate_places_;
  uint32_t ranking_ = 0;
  // The next target to consider; all are considered at `due_` again.
  size_t cursor_ = 0;
  TimePoint due_ = kNever;
  // When targets that everybody refuses are tried with others again.
  TimePoint retry_at_ = kNever;
  bool retrying_ = false;
  uint64_t moves_ = 0;

  // That the store has, and the longest lease that was asked for since it was written.
  TimePoint horizon_ = kNever;
  Duration asked_{};
  std::deque<std::string> queue_;
  LeaseWrite writing_;
  // Whether the store has what restore() changed: no horizon is written before.
  bool restored_ = true;
  std::string store_error_;
};

}  // namespace muster::collector
