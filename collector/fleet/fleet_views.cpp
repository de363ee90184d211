// What the fleet shows: lists and details for the API.
#include <fmt/format.h>

#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"
#include "collector/fleet/known_facts.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

void fill_section(const SectionState& state, uint64_t sequence, v1::FleetSection& section) {
  section.set_entity(state.entity);
  section.set_probe(state.probe);
  section.set_outcome(state.outcome);
  section.set_reason(state.reason);
  *section.mutable_looked_at() = to_proto(state.looked_at);
  if (state.observed_at != TimePoint()) {
    *section.mutable_observed_at() = to_proto(state.observed_at);
  }
  section.set_facts_type(state.facts_type);
  section.set_digest(to_hex(state.digest));
  if (std::optional<google::protobuf::Any> facts = facts_as_any(state)) {
    *section.mutable_facts() = *std::move(facts);
  }
  section.mutable_measurements()->Assign(state.measurements.begin(), state.measurements.end());
  section.set_sequence(sequence);
}

void fill_identity(const IdentityRecord& record, v1::HostIdentity& identity) {
  switch (record.standing) {
    case Standing::kActive:
      identity.set_standing(v1::STANDING_ACTIVE);
      break;
    case Standing::kQuarantined:
      identity.set_standing(v1::STANDING_QUARANTINED);
      break;
    case Standing::kRevoked:
      identity.set_standing(v1::STANDING_REVOKED);
      break;
  }
  identity.set_reason(record.reason);
  if (record.since) *identity.mutable_since() = to_proto(*record.since);
  identity.set_generation(record.generation);
  if (record.not_after) *identity.mutable_certificate_not_after() = to_proto(*record.not_after);
  identity.set_ca_sha256(record.ca_sha256);
}

// Why what is known of a target is not of now; empty if nothing is wrong.
std::string trouble_of(const std::vector<SectionState>& sections, bool is_looked_at) {
  if (sections.empty()) return "nobody has looked at it yet";
  if (!is_looked_at) return "nobody has told of a look for too long";
  for (const SectionState& section : sections) {
    if (section.outcome == v1::OUTCOME_FAILED) return section.reason;
  }
  return {};
}

}  // namespace

absl::Status Fleet::no_such_entity(std::string_view name) const {
  const bool targets = options_.families == &exposition::kTargetFamilySet;
  return absl::NotFoundError(
      fmt::format("no {0} is called \"{1}\"; `muster-collector {0} list` shows all",
                  targets ? "target" : "host", printable(name, 300)));
}

void Fleet::summarize(const Host& host, v1::HostSummary& summary) const {
  summary.set_id(host.record.id);
  summary.set_name(host.record.name);
  summary.mutable_labels()->insert(host.labels.begin(), host.labels.end());
  *summary.mutable_enrolled_at() = to_proto(host.record.enrolled_at);
  if (host.record.last_sync_at) {
    *summary.mutable_last_sync_at() = to_proto(*host.record.last_sync_at);
  }
  summary.set_reporting(host.reporting);
  summary.set_status(policy::worst_of(host.standings));
  summary.set_clock_offset_seconds(host.record.clock_offset_seconds);
  summary.set_os_pretty_name(host.os_pretty_name);
  summary.set_agent_version(host.agent_version);
  fill_identity(host.record.identity, *summary.mutable_identity());
  summarize_scope(host, summary);
}

v1::HostList Fleet::list_hosts() const {
  v1::HostList list;
  for (const std::string& id : ids_by_name())
    with_host(id, [this, &list](const Host& host) { summarize(host, *list.add_hosts()); });
  return list;
}

std::optional<v1::HostSummary> Fleet::host_summary(std::string_view host_id) const {
  std::optional<v1::HostSummary> summary;
  with_host(host_id, [this, &summary](const Host& host) { summarize(host, summary.emplace()); });
  return summary;
}

void Fleet::summarize(const Host& target, v1::TargetSummary& summary) {
  summary.set_name(target.record.name);
  summary.set_kind(target.target->kind);
  summary.set_address(target.target->address);
  summary.mutable_labels()->insert(target.labels.begin(), target.labels.end());
  const Target& listed = *target.target;
  constexpr std::chrono::milliseconds kMillisecond(1);
  summary.set_interval_milliseconds(static_cast<uint32_t>(listed.interval / kMillisecond));
  // Agents do not tell it of their own ones, whose names have a slash.
  if (listed.name.find('/') == std::string::npos) {
    summary.set_timeout_milliseconds(static_cast<uint32_t>(listed.timeout / kMillisecond));
  }
  summary.set_status(policy::worst_of(target.standings));
  if (target.record.last_sync_at) {
    *summary.mutable_looked_at() = to_proto(*target.record.last_sync_at);
  }
  summary.set_looked_at_by(target.holder);
  summary.set_note(trouble_of(target.sections.states(), target.reporting));
  summary.set_place(target.target->place);
  summarize_scope(target, summary);
}

v1::TargetList Fleet::list_targets() const {
  v1::TargetList list;
  for (const std::string& id : ids_by_name())
    with_host(id, [&list](const Host& target) { summarize(target, *list.add_targets()); });
  return list;
}

template <typename Detail>
void Fleet::fill_detail(const Host& host, Detail& detail) const {
  summarize(host, *detail.mutable_summary());
  // Judged for this answer, because heartbeats move the times of the evidence and not the verdicts.
  policy::Evaluation evaluation =
      policy::evaluate(host.view(), host.first_seen, *host.judged_by, clock_.now());
  for (v1::Verdict& verdict : evaluation.verdicts)
    *detail.add_verdicts() = std::move(verdict);
  for (size_t index = 0; index < host.sections.size(); ++index) {
    fill_section(host.sections.state(index), host.sections.sequence(index), *detail.add_sections());
  }
}

template <typename Detail>
absl::StatusOr<Detail> Fleet::detail_of(std::string_view name) const {
  const std::optional<std::string> id = id_of(name);
  Detail detail;
  const bool found =
      id && with_host(*id, [this, &detail](const Host& host) { fill_detail(host, detail); });
  if (!found) return no_such_entity(name);
  return detail;
}

absl::StatusOr<v1::HostDetail> Fleet::host_detail(std::string_view name) const {
  return detail_of<v1::HostDetail>(name);
}

absl::StatusOr<v1::TargetDetail> Fleet::target_detail(std::string_view name) const {
  return detail_of<v1::TargetDetail>(name);
}

std::vector<HostTrust> Fleet::host_trusts() const {
  std::vector<HostTrust> trusts;
  for (const std::string& id : ids_by_name()) {
    with_host(id, [&trusts](const Host& host) {
      if (host.record.identity.standing == Standing::kRevoked) return;
      trusts.push_back({.name = host.record.name,
                        .reporting = host.reporting,
                        .trust_bundle_sha256 = host.trust_bundle_sha256,
                        .ca_sha256 = host.record.identity.ca_sha256});
    });
  }
  return trusts;
}

}  // namespace muster::collector
