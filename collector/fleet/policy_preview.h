// What another policy, or another day, would change: hosts are judged by it and nothing is kept.
// Pure; one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
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
  // At most kMostChanges, by host, and of each in the order of the policy; last those that the
  // policy has no more.
  std::vector<Change> changes;
  // How many there are beside these.
  size_t more = 0;

  static constexpr size_t kMostChanges = 10'000;
};

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
  // `policy` outlives it. With `at`, a later time than `now`, hosts are judged as they will be then
  // if they go on as they do: those that report still report, and see what they see now. What is
  // unmet now is so since now at the latest, so deadlines run from today.
  PolicyPreviewer(const policy::Policy& policy, TimePoint now, std::optional<TimePoint> at);

  void add(const PreviewedHost& host);
  PolicyPreview take();

 private:
  // Of each control of the policy, its index in the one that judged a host.
  void match_controls(const std::shared_ptr<const policy::Policy>& judged_by);
  void compare(const PreviewedHost& host, const policy::HostView& view,
               const policy::Evaluation& evaluation, const policy::FirstSeen& first_seen);
  void note(PolicyPreview::Change change);

  const policy::Policy& policy_;
  const TimePoint now_;
  const TimePoint at_;
  PolicyPreview preview_;

  std::shared_ptr<const policy::Policy> matched_;
  std::vector<std::optional<size_t>> before_;
  // Of the controls that judged the hosts, those that the policy has not.
  std::vector<size_t> dropped_;
};

}  // namespace muster::collector
