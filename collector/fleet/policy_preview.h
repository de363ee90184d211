// What another policy, or another day, would change: hosts are judged by it and nothing is kept.
// Pure; one thread at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "common/clock.h"
#include "common/policy/evaluation.h"

namespace muster::collector {

struct PolicyPreview {
  // A control whose status would be another one for a host.
  struct Change {
    std::string host;
    std::string control;
    // NOT_APPLICABLE where the policy has no such control.
    v1::Status before = v1::STATUS_NOT_APPLICABLE;
    v1::Status after = v1::STATUS_NOT_APPLICABLE;
    // The sentence of the verdict after.
    std::string summary;
  };
  // Some of them by host, and of each in the order of the policy; last those that the policy has no
  // more. At most kMostChanges, but some of every kind.
  std::vector<Change> changes;
  // Of all, by control, before and after.
  using Kind = std::tuple<std::string, v1::Status, v1::Status>;
  std::map<Kind, size_t> counts;

  static constexpr size_t kMostChanges = 10'000;
  // Of each kind there are always so many.
  static constexpr size_t kLeastOfAKind = 10;
};

// Two previews by the same policy as one: of hosts and of targets. Pure.
PolicyPreview join_previews(PolicyPreview one, PolicyPreview other);

// A host as it stands.
struct PreviewedHost {
  policy::HostView view;
  policy::HostOs os;
  bool reporting = false;
  const policy::FirstSeen& first_seen;
  const std::shared_ptr<const policy::Policy>& judged_by;
  std::span<const policy::Standing> standings;
};

class PolicyPreviewer {
 public:
  // The policies outlive it. With `at`, a later time than `now`, hosts are judged as they will be
  // then if they go on as they do: those that report still report, and see what they see now. What
  // is unmet now is so since now at the latest, so deadlines run from today. With `instead_of`,
  // what counts as before is what that policy would say, at the same time, and not how hosts stand.
  PolicyPreviewer(const policy::Policy& policy, TimePoint now, std::optional<TimePoint> at,
                  const policy::Policy* instead_of = nullptr);

  void add(const PreviewedHost& host);
  PolicyPreview take();

 private:
  struct Judged {
    std::vector<policy::Standing> standings;
    // The memory that these were judged with.
    policy::FirstSeen first_seen;
  };

  Judged judge(const PreviewedHost& host, const policy::HostView& later,
               const policy::Policy& policy) const;
  // Of each control of the policy, its index in the other one.
  void match_controls(const policy::Policy& before);
  void compare(const policy::HostView& view, std::span<const policy::Standing> before,
               const Judged& after);
  // Whether the change is to be noted, in words; it is counted in any case.
  bool count(const std::string& control, v1::Status before, v1::Status after);

  const policy::Policy& policy_;
  const policy::Policy* const instead_of_;
  const TimePoint now_;
  const TimePoint at_;
  PolicyPreview preview_;

  const policy::Policy* matched_ = nullptr;
  // So that no other policy takes its place in memory meanwhile.
  std::shared_ptr<const policy::Policy> judged_by_;
  std::vector<std::optional<size_t>> before_;
  // Of the other's controls, those that the policy has not.
  std::vector<size_t> dropped_;
};

}  // namespace muster::collector
