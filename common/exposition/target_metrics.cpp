#include "common/exposition/target_metrics.h"

#include <algorithm>
#include <cmath>

#include "common/exposition/control_samples.h"
#include "common/exposition/domain_metrics.h"
#include "common/exposition/sample_writer.h"
#include "common/exposition/section_facts.h"
#include "common/exposition/tls_metrics.h"
#include "common/timestamp.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::exposition {
namespace {

// So that a RenderedHost has room for them.
static_assert(kTargetFamilies.size() <= kHostFamilies.size());

constexpr std::string_view kTcpProbe = "tcp";
constexpr std::string_view kTlsProbe = "tls";
constexpr std::string_view kDomainProbe = "domain";
constexpr std::string_view kZoneProbe = "zone";
constexpr std::string_view kLookalikesProbe = "lookalikes";
constexpr std::string_view kConnectDuration = "connect_duration_seconds";
constexpr std::string_view kHandshakeDuration = "tls_handshake_duration_seconds";

const SectionState* section_of(const TargetMetricsInput& input, std::string_view probe) {
  const auto found =
      std::find_if(input.sections.begin(), input.sections.end(),
                   [&](const SectionState& section) { return section.probe == probe; });
  return found == input.sections.end() ? nullptr : &*found;
}

// What the last look saw; null where it failed, since what was seen before says nothing of now.
const SectionState* last_seen(const TargetMetricsInput& input, std::string_view probe) {
  const SectionState* const section = section_of(input, probe);
  return input.observed && section != nullptr && section->outcome == v1::OUTCOME_OBSERVED ? section
                                                                                          : nullptr;
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
  if (section == nullptr) return;
  if (const auto facts = facts_of<v1::TcpFacts>(*section)) {
    writer.add(kTargetTcpConnected, {}, facts->answer() == v1::TCP_ANSWER_CONNECTED ? 1 : 0);
  }
}

void add_tls(SampleWriter& writer, const TargetMetricsInput& input) {
  const SectionState* const section = last_seen(input, kTlsProbe);
  if (section == nullptr) return;
  if (const auto facts = facts_of<v1::TlsFacts>(*section)) add_endpoint(writer, *facts);
}

// What registries said stays while nobody asks them: a date does not move by itself.
void add_domains(SampleWriter& writer, const TargetMetricsInput& input) {
  if (const SectionState* const domain = section_of(input, kDomainProbe)) {
    add_domain(writer, *domain);
  }
  if (const SectionState* const zone = last_seen(input, kZoneProbe)) {
    if (const auto facts = facts_of<v1::ZoneFacts>(*zone)) add_zone(writer, *facts);
  }
  if (const SectionState* const lookalikes = section_of(input, kLookalikesProbe)) {
    if (const auto facts = facts_of<v1::LookalikeFacts>(*lookalikes)) {
      add_lookalikes(writer, *facts);
    }
  }
}

// Of each address that was asked.
void add_tls_durations(SampleWriter& writer, const SectionState& section) {
  for (const v1::Measurement& measurement : section.measurements) {
    if (!std::isfinite(measurement.value())) continue;
    if (measurement.name() == kConnectDuration) {
      writer.add(kTargetTlsConnectDuration, {{"address", measurement.subject()}},
                 measurement.value());
    } else if (measurement.name() == kHandshakeDuration) {
      writer.add(kTargetTlsHandshakeDuration, {{"address", measurement.subject()}},
                 measurement.value());
    }
  }
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
  add_tls(writer, input);
  add_domains(writer, input);
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
  if (const SectionState* const section = last_seen(input, kTlsProbe)) {
    add_tls_durations(writer, *section);
  }
  const SectionState* const domain = section_of(input, kDomainProbe);
  if (domain != nullptr && domain->has_facts()) {
    writer.add(kTargetDomainAnswered, {}, to_unix_seconds(domain->observed_at));
  }
  return writer.take();
}

}  // namespace muster::exposition
