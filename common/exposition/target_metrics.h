// One target's state as the families of docs/metrics.md, in two parts as a host's (host_metrics.h),
// for JoinedFamilies with kTargetFamilySet. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/exposition/rendered_host.h"
#include "common/exposition/target_families.h"
#include "common/exposition/text_format.h"
#include "common/policy/evaluation.h"
#include "common/policy/policy.h"
#include "common/section_state.h"

namespace muster::exposition {

// What is rendered of one target.
struct TargetMetricsInput {
  // Its name.
  std::string_view target = {};
  // One of all_target_kinds(): "tcp".
  std::string_view kind = {};
  std::string_view address = {};
  // Its own only.
  std::span<const SectionState> sections = {};
  // How it stands with each of the controls, in their order; those for another kind are left out.
  std::span<const policy::Control> controls = {};
  std::span<const policy::Standing> standings = {};
  // As muster_target_labels_info shows them; none: no such series.
  LabelSpan labels = {};
  // Names of the maintenance windows that it is in.
  std::span<const std::string_view> windows = {};
  // Somebody looks at it. Where nobody does, what was seen is left out.
  bool observed = true;
  // Unset: nobody ever looked.
  std::optional<TimePoint> last_look = std::nullopt;
  // The name of the host whose agent looks at it; empty: none does.
  std::string_view holder = {};
};

// What changes only with facts, outcomes, verdicts, labels, windows, holder and `observed`; and
// what every look moves. Nothing is ever cut.
RenderedHost render_settled(const TargetMetricsInput& input);
RenderedHost render_moving(const TargetMetricsInput& input);

}  // namespace muster::exposition
