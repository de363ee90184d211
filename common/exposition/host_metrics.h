// One host's state as the families of docs/metrics.md. Used by the collector (cached per host in
// two parts) and by `muster-agent check --format prometheus`. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/text_format.h"
#include "common/policy/policy.h"
#include "common/section_state.h"

namespace muster::exposition {

// Certificates of one host that have series of their own; `muster_certificates` counts all.
inline constexpr size_t kMostCertificates = 1000;

// Every family about hosts, in the order in which they are written.
std::span<const Family> host_families();

// What is rendered of one host.
struct HostMetricsInput {
  std::string_view host = {};
  std::span<const SectionState> sections = {};
  std::span<const v1::Verdict> verdicts = {};
  // A silent host keeps only its control series and what says that it is silent.
  bool reporting = true;
  // Unset with `reporting`: there is no collector to report to (`muster-agent check`), and no
  // series about reporting.
  std::optional<TimePoint> last_sync = std::nullopt;
  std::optional<double> clock_offset_seconds = std::nullopt;
};

// The samples of every family, in the order of host_families(), without headers; "" where there are
// none. The text is the same in both formats.
std::vector<std::string> render_host(const HostMetricsInput& input);

// Which families: each is of one kind, so that a host's two parts together are its whole.
enum class FamilyKind {
  // What every report moves: its times, and the measurements. No facts are decoded for it.
  kMoving,
  // What changes only with facts, outcomes, verdicts and `reporting`.
  kSettled,
};

// As render_host, with only the families of one kind; the others are "".
std::vector<std::string> render_host(const HostMetricsInput& input, FamilyKind kind);

// Whether two judgements of a host give the same samples; their summaries, which count minutes, may
// differ.
bool are_written_alike(std::span<const v1::Verdict> one, std::span<const v1::Verdict> other);

// The families of all hosts: each family's header once, then that family's samples of every host.
// `hosts` are results of render_host; a host's two parts may stand one behind the other. Families
// without a sample are left out. It does not end the exposition, so that families of others can
// follow: call append_end after the last.
std::string join_families(std::span<const std::vector<std::string>> hosts, Format format);
// The same without copying: what the collector holds in its cache.
std::string join_families(std::span<const std::vector<std::string>* const> hosts, Format format);

}  // namespace muster::exposition
