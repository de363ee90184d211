// The house policy: controls, and how they are judged. Pure: no clock, store or I/O, so the same
// facts at the same time give the same verdicts in the collector, in `muster-agent check` and in a
// test. Any thread; a Policy does not change once it is made.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::policy {

// A requirement. One struct for every rule: what a rule has no use for keeps its default, and the
// reader of the policy file refuses it (see parameters_of in rules.h).
struct Control {
  // Letters, digits and dashes; unique in the policy. A label value in metrics.
  std::string id;
  std::string title;
  // Name of a rule in rules.h.
  std::string rule;
  v1::Severity severity = v1::SEVERITY_MEDIUM;
  // Facts older than this are not judged: unknown.
  Duration max_age = std::chrono::hours(24);
  // How long a subject may be unmet before `due` becomes `fail`.
  Duration deadline{0};

  // Parameters of the rules, by their names in the file.
  Duration lists_max_age = std::chrono::hours(48);
  Duration renew_before = std::chrono::days(30);
  double last_fraction = 1.0 / 3;
  Duration silent_after = std::chrono::minutes(15);
};

struct Policy {
  std::vector<Control> controls;
};

// Since when a subject of a control has been unmet without a break.
struct SubjectKey {
  // Empty: the host itself.
  std::string entity;
  std::string control;
  std::string subject;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what it is rewritten to.
  auto operator<=>(const SubjectKey&) const = default;
};
using FirstSeen = std::map<SubjectKey, TimePoint>;

// What is judged: one host with its sections.
struct HostView {
  std::span<const SectionState> sections = {};
  // When it last reported; unset in `muster-agent check`, where there is nobody to report to. For a
  // host that was enrolled and never reported, the time of its enrolment.
  std::optional<TimePoint> last_sync = std::nullopt;
  // When it joined a collector; unset in `muster-agent check`.
  std::optional<TimePoint> enrolled_at = std::nullopt;
};

// What came out.
struct Evaluation {
  // One a control that applies to the policy's hosts, in the policy's order. Not-applicable ones
  // are in it, with that status. Subjects worst first, those that pass too.
  std::vector<v1::Verdict> verdicts;
  // The memory to keep: every subject that is unmet now, since when. Subjects that pass, do not
  // apply or are gone are not in it; unknown ones keep what they had, and so does what is below
  // them and could not be seen (the host itself, a directory, a file).
  FirstSeen first_seen;
  // Whether it is another than the last evaluation gave.
  bool first_seen_changed = false;
  // All of this, sentences with an age in them too, holds until then, as long as facts and policy
  // stay; TimePoint::max() for ever.
  TimePoint valid_until = TimePoint::max();

  // Of each verdict by itself: until when it holds, and whether any subject is unknown.
  struct Hold {
    TimePoint valid_until = TimePoint::max();
    bool has_unknown = false;
  };
  std::vector<Hold> holds;
};

// Judges every control of the policy. `first_seen` is the memory the last evaluation gave.
Evaluation evaluate(const HostView& host, FirstSeen first_seen, const Policy& policy,
                    TimePoint now);

// What the last evaluation of the same host by the same policy gave; its verdicts need no subjects.
struct Earlier {
  std::span<const v1::Verdict> verdicts;
  std::span<const Evaluation::Hold> holds;
};

// As above, where since then only the sections of `changed` probes have others facts or outcomes,
// and times have moved. A control that looks at none of these, has nothing unknown and still holds
// keeps its earlier verdict: most reports change one probe of many.
Evaluation evaluate_changed(const HostView& host, FirstSeen first_seen, const Policy& policy,
                            TimePoint now, const Earlier& earlier,
                            std::span<const std::string_view> changed);

// fail > unknown > due > waived > pass > not applicable.
v1::Status worse(v1::Status a, v1::Status b);

// Lower-case words, as in labels and tables: "pass", "not_applicable", "critical".
std::string_view status_name(v1::Status status);
std::string_view severity_name(v1::Severity severity);

// The worst status over all verdicts; NOT_APPLICABLE if there are none.
v1::Status worst_of(std::span<const v1::Verdict> verdicts);

}  // namespace muster::policy
