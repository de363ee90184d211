// Judging: the same facts by the same policy at the same time give the same verdicts in the
// collector, in `muster-agent check` and in a test. Pure: no clock, store or I/O; any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/policy/first_seen.h"
#include "common/policy/host_scope.h"
#include "common/policy/policy.h"
#include "common/policy/status.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::policy {

// What is judged: one host, or one target, with its sections.
struct HostView {
  std::span<const SectionState> sections = {};
  // When it last reported; unset in `muster-agent check`, where there is nobody to report to. For a
  // host that was enrolled and never reported, the time of its enrolment.
  std::optional<TimePoint> last_sync = std::nullopt;
  // When it joined a collector; unset in `muster-agent check`.
  std::optional<TimePoint> enrolled_at = std::nullopt;
  // What the policy's selectors look at, beside the operating system, which is in the sections.
  std::string_view name = {};
  const std::map<std::string, std::string>* labels = nullptr;
  // "host", or a target's kind. Sections of a target have its name as their entity.
  std::string_view kind = "host";
};

// With the operating system out of the facts of its probe "host"; they must outlive the result.
struct HostOs {
  std::string id;
  std::string version;
  bool operator==(const HostOs&) const = default;
};
HostOs os_of(std::span<const SectionState> sections);
HostTraits traits_of(const HostView& host, const HostOs& os);

// How a host stands with one control, without the words: what is kept of each, and what metrics
// show.
struct Standing {
  v1::Status status = v1::STATUS_UNKNOWN;
  // Whether any subject is unknown.
  bool has_unknown = false;
  // Whether a heartbeat may make it better, though no facts changed.
  bool awaits_heartbeat = false;
  // The earliest of what is due or failed; TimePoint::max(): none.
  TimePoint deadline = TimePoint::max();
  // Since when the oldest of these has not been met; TimePoint::max(): none.
  TimePoint unmet_since = TimePoint::max();
  // All of this holds until then, as long as facts and policy stay. Sentences that tell an age may
  // change before (see Verdict.valid_until): nobody need judge a silent host every minute for one.
  TimePoint valid_until = TimePoint::max();
};

v1::Status worst_of(std::span<const Standing> standings);

// What came out.
struct Evaluation {
  // One a control, in the policy's order. Those that do not apply are in it, with that status.
  std::vector<Standing> standings;
  // The same in words, from `evaluate` only; without controls that are for another kind than the
  // host or target is. Subjects worst first, those that pass too.
  std::vector<v1::Verdict> verdicts;
  // The memory to keep: every subject that is unmet now, since when. Subjects that pass, do not
  // apply or are gone are not in it; unknown ones keep what they had, and so does what is below
  // them and could not be seen (the host itself, a directory, a file).
  FirstSeen first_seen;
  // Whether it is another than the last evaluation gave.
  bool first_seen_changed = false;
  // The earliest of the standings.
  TimePoint valid_until = TimePoint::max();

  // Of the verdicts; null: none is of that control.
  const v1::Verdict* find_verdict(std::string_view control) const;
};

// Judges every control of the policy. `first_seen` is the memory the last evaluation gave.
Evaluation evaluate(const HostView& host, FirstSeen first_seen, const Policy& policy,
                    TimePoint now);

// As above without words, where since the earlier standings only the sections of `changed` probes
// have others facts or outcomes, and times have moved. `scope` is of this policy and host. A
// control that looks at none of these, has nothing unknown and still holds keeps its earlier
// standing: most reports change one probe of many. Without earlier standings, every control is
// judged.
Evaluation evaluate_changed(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            const HostScope& scope, TimePoint now,
                            std::span<const Standing> earlier,
                            std::span<const std::string_view> changed);

// As above where another policy, or another scope, judged before: `carried` is what of its
// standings still counts (policy_change.h).
Evaluation evaluate_carried(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            const HostScope& scope, TimePoint now,
                            std::span<const Standing> carried,
                            std::span<const std::string_view> changed);

}  // namespace muster::policy
