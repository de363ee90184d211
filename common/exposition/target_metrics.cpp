#include "common/exposition/target_metrics.h"

#include <algorithm>
#include <cmath>

#include "common/exposition/control_samples.h"
#include "common/exposition/sample_writer.h"
#include "common/timestamp.h"
#include "muster/v1/tcp_facts.pb.h"

namespace muster::exposition {
namespace {

// So that a RenderedHost has room for them.
static_assert(kTargetFamilies.size() <= kHostFamilies.size());

constexpr std::string_view kTcpProbe = "tcp";
constexpr std::string_view kConnectDuration = "connect_duration_seconds";

// What the last look saw; null where it failed, since what was seen before says nothing of now.
const SectionState* last_seen(const TargetMetricsInput& input, std::string_view probe) {
  if (!input.observed) return nullptr;
  for (const SectionState& section : input.sections) {
    if (section.probe == probe && section.outcome == v1::OUTCOME_OBSERVED) return &section;
  }
  return nullptr;
}

// A look that could not be made, because the agent refuses the target or a name server is away, is
// none, however often somebody tells of it.
bool is_looked_at(const TargetMetricsInput& input) {
  return input.observed && std::none_of(input.sections.begin(), input.sections.end(),
                                        [](const SectionState& section) {
                                          return section.outcome == v1::OUTCOME_FAILED;
                                        });
}

void add_tcp(SampleWriter& writer, const TargetMetricsInput& input) {
  const SectionState* const section = last_seen(input, kTcpProbe);
  v1::TcpFacts facts;
  if (section == nullptr || section->facts_type != facts.GetTypeName() ||
      !facts.ParseFromString(section->facts)) {
    return;
  }
  writer.add(kTargetTcpConnected, {}, facts.answer() == v1::TCP_ANSWER_CONNECTED ? 1 : 0);
}

}  // namespace

RenderedHost render_settled(const TargetMetricsInput& input) {
  SampleWriter writer(kTargetFamilySet, input.target);
  writer.add(kTargetInfo, {{"kind", input.kind}, {"address", input.address}}, 1);
  if (!input.labels.empty()) writer.add_labelled(kTargetLabels, input.labels, 1);
  for (const std::string_view window : input.windows)
    writer.add(kTargetMaintenance, {{"window", window}}, 1);
  writer.add(kTargetObserved, {}, is_looked_at(input) ? 1 : 0);
  if (!input.holder.empty()) writer.add(kTargetHolder, {{"host", input.holder}}, 1);
  add_controls(writer, {.status = kTargetControlStatus, .deadline = kTargetControlDeadline},
               input.kind, input.controls, input.standings);
  add_tcp(writer, input);
  return writer.take();
}

RenderedHost render_moving(const TargetMetricsInput& input) {
  SampleWriter writer(kTargetFamilySet, input.target);
  if (input.last_look) writer.add(kTargetLastLook, {}, to_unix_seconds(*input.last_look));
  // The probe measures it only where it connected.
  if (const SectionState* const section = last_seen(input, kTcpProbe)) {
    const v1::Measurement* const duration = find_measurement(*section, kConnectDuration);
    if (duration != nullptr && std::isfinite(duration->value())) {
      writer.add(kTargetTcpConnectDuration, {}, duration->value());
    }
  }
  return writer.take();
}

}  // namespace muster::exposition
