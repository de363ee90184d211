// One host's state as the families of docs/metrics.md. Used by the collector (cached per host in
// two parts) and by `muster-agent check --format prometheus`. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/rendered_host.h"
#include "common/exposition/text_format.h"
#include "common/policy/evaluation.h"
#include "common/section_state.h"

namespace muster::exposition {

// Certificates of one host that have series of their own; `muster_certificates` counts all.
inline constexpr size_t kMostCertificates = 900;

// Every family about hosts, in the order in which they are written.
std::span<const Family> host_families();

// Series that one host may have, unless somebody says otherwise: four of each of 900
// certificates, and a thousand more. A fifth of it is for what moves at every report, the rest for
// what is settled. Beyond it series are left out, and counted in muster_host_series_cut: those of
// single certificates first, then what else is counted by probe; never what says how the host and
// its controls stand.
inline constexpr size_t kUsualSeriesBudget = 5000;

// What is rendered of one host.
struct HostMetricsInput {
  std::string_view host = {};
  std::span<const SectionState> sections = {};
  // How it stands with each of the controls, in their order.
  std::span<const policy::Control> controls = {};
  std::span<const policy::Standing> standings = {};
  // As muster_host_labels_info shows them; none: no such series.
  LabelSpan labels = {};
  // Names of the maintenance windows that it is in.
  std::span<const std::string_view> windows = {};
  // A silent host keeps only its labels, its windows, its control series and what says that it is
  // silent.
  bool reporting = true;
  // The collector refuses its reports.
  bool quarantined = false;
  bool revoked = false;
  // Unset with `reporting`: there is no collector to report to (`muster-agent check`), and no
  // series about reporting.
  std::optional<TimePoint> last_sync = std::nullopt;
  std::optional<double> clock_offset_seconds = std::nullopt;
  size_t series_budget = kUsualSeriesBudget;
};

// The samples of every family, without headers. The text is the same in both formats. What is left
// out beyond the budget depends on the host's state alone, not on the order of its sections.
RenderedHost render_host(const HostMetricsInput& input);

// The two parts of render_host; each family is in one of them (is_moving). Settled is what changes
// only with facts, outcomes, verdicts, labels, windows and `reporting`. Moving is what every report
// moves, its times and measurements: no facts are decoded for it. It says what both had to cut.
RenderedHost render_settled(const HostMetricsInput& input);
RenderedHost render_moving(const HostMetricsInput& input, uint64_t cut_of_settled);

// Whether two judgements of a host by the same controls give the same samples; until when they hold
// may differ.
bool are_written_alike(std::span<const policy::Standing> one,
                       std::span<const policy::Standing> other);

}  // namespace muster::exposition
