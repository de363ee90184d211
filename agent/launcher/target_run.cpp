#include "agent/launcher/target_run.h"

#include <fmt/format.h>

#include <utility>

#include "agent/launcher/look_result.h"
#include "agent/launcher/section_stream.h"
#include "agent/output/status_text.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {

TargetRun::TargetRun(const ProbeRow& row, const v1::TargetBatch& batch, const Clock& clock,
                     Taken taken)
    : row_(row), clock_(clock), began_(clock.now()), taken_(std::move(taken)) {
  for (const v1::TargetLook& look : batch.looks())
    awaited_.insert(look.entity());
}

std::string TargetRun::complaint_about(const v1::Section& section) {
  if (section.probe() != row_.name) {
    return fmt::format("it says it is '{}'", printable(section.probe(), 80));
  }
  // What it leaves for its next runs.
  if (section.entity().empty() && row_.keeps_memory) return {};
  const auto found = awaited_.find(section.entity());
  if (found == awaited_.end()) {
    return fmt::format("a section of '{}', which was not asked for or had been told of",
                       printable(section.entity(), 80));
  }
  awaited_.erase(found);
  return {};
}

size_t TargetRun::take(std::string_view output) {
  // Read and dropped, so that it can go on to its end or its limit.
  if (!broken_.empty()) return output.size();
  absl::StatusOr<WholeSections> whole = parse_whole_sections(output);
  if (!whole.ok()) {
    broken_ = text_of(whole.status());
    return output.size();
  }
  const TimePoint now = clock_.now();
  for (v1::Section& section : whole->sections) {
    broken_ = complaint_about(section);
    if (!broken_.empty()) return output.size();
    const TimePoint observed = from_proto(section.observed_at());
    if (observed < began_ || observed > now) *section.mutable_observed_at() = to_proto(now);
    taken_(std::move(section));
  }
  return whole->bytes;
}

std::string TargetRun::why_it_failed(const LaunchRequest& request,
                                     const LaunchResult& result) const {
  // Whoever gave it up knows.
  if (result.end == LaunchResult::End::kGivenUp) return {};
  std::string what = mishap(request, result);
  if (what.empty() && !result.output.empty()) what = "broke the probe contract: half a section";
  if (!broken_.empty()) what = fmt::format("broke the probe contract: {}", broken_);
  return what.empty() ? what : failed_reason(row_, what);
}

}  // namespace muster::agent
