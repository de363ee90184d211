#include "common/exposition/host_metrics.h"

#include <algorithm>
#include <cmath>

#include "common/exposition/control_samples.h"
#include "common/exposition/host_families.h"
#include "common/exposition/sample_writer.h"
#include "common/exposition/section_metrics.h"
#include "common/timestamp.h"

namespace muster::exposition {
namespace {

size_t moving_share(const HostMetricsInput& input) {
  return input.series_budget / 5;
}

void add_moving(SampleWriter& writer, const HostMetricsInput& input) {
  if (input.last_sync) writer.add(kHostLastSync, {}, to_unix_seconds(*input.last_sync));
  if (!input.reporting) return;
  if (input.clock_offset_seconds && std::isfinite(*input.clock_offset_seconds)) {
    writer.add(kHostClockOffset, {}, *input.clock_offset_seconds);
  }
  add_times_and_measurements(writer, input.sections);
}

void add_settled(SampleWriter& writer, const HostMetricsInput& input) {
  if (!input.labels.empty()) writer.add_labelled(kHostLabels, input.labels, 1);
  for (const std::string_view window : input.windows)
    writer.add(kHostMaintenance, {{"window", window}}, 1);
  if (input.last_sync || !input.reporting) {
    writer.add(kHostReporting, {}, input.reporting ? 1 : 0);
  }
  if (input.quarantined) writer.add(kHostQuarantined, {}, 1);
  if (input.revoked) writer.add(kHostRevoked, {}, 1);
  add_controls(
      writer,
      {.status = kControlStatus, .deadline = kControlDeadline, .unmet_since = kControlUnmetSince},
      "host", input.controls, input.standings);
  if (input.reporting) add_outcomes_and_facts(writer, input.sections);
}

}  // namespace

std::span<const Family> host_families() {
  return kHostFamilies;
}

RenderedHost render_settled(const HostMetricsInput& input) {
  SampleWriter writer(kHostFamilySet, input.host, input.series_budget - moving_share(input));
  add_settled(writer, input);
  return writer.take();
}

RenderedHost render_moving(const HostMetricsInput& input, uint64_t cut_of_settled) {
  SampleWriter writer(kHostFamilySet, input.host, moving_share(input));
  add_moving(writer, input);
  if (input.reporting) {
    writer.add(kHostSeriesCut, {}, static_cast<double>(cut_of_settled + writer.cut()));
  }
  return writer.take();
}

RenderedHost render_host(const HostMetricsInput& input) {
  const RenderedHost settled = render_settled(input);
  const RenderedHost moving = render_moving(input, settled.cut());
  std::string text;
  RenderedHost::Ends ends{};
  text.reserve(settled.size() + moving.size());
  for (size_t family = 0; family < kHostFamilyCount; ++family) {
    text.append(moving[family]).append(settled[family]);
    ends[family] = static_cast<uint32_t>(text.size());
  }
  return RenderedHost(std::move(text), ends, settled.cut() + moving.cut());
}

bool are_written_alike(std::span<const policy::Standing> one,
                       std::span<const policy::Standing> other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const policy::Standing& a, const policy::Standing& b) {
                      return a.status == b.status && a.deadline == b.deadline &&
                             a.unmet_since == b.unmet_since;
                    });
}

}  // namespace muster::exposition
