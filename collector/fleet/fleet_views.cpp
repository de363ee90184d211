// What the fleet shows: lists for the API, and text for Prometheus.
#include <fmt/format.h>

#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"
#include "collector/fleet/known_facts.h"
#include "collector/fleet/shown_labels.h"
#include "common/exposition/host_metrics.h"
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

absl::Status no_such_host(std::string_view name) {
  return absl::NotFoundError(fmt::format(
      "no host is called \"{}\"; `muster-collector host list` shows all", printable(name, 300)));
}

}  // namespace

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
  for (const std::string& id : ids_by_name()) {
    Shard& shard = shard_of(id);
    const std::lock_guard guard(shard.mutex);
    const auto host = shard.hosts.find(id);
    if (host != shard.hosts.end()) summarize(host->second, *list.add_hosts());
  }
  return list;
}

std::optional<v1::HostSummary> Fleet::host_summary(std::string_view host_id) const {
  std::optional<v1::HostSummary> summary;
  with_host(host_id, [this, &summary](const Host& host) { summarize(host, summary.emplace()); });
  return summary;
}

absl::StatusOr<v1::HostDetail> Fleet::host_detail(std::string_view name) const {
  const std::optional<std::string> id = id_of(name);
  if (!id) return no_such_host(name);
  Shard& shard = shard_of(*id);
  const std::lock_guard guard(shard.mutex);
  const auto entry = shard.hosts.find(*id);
  if (entry == shard.hosts.end()) return no_such_host(name);
  const Host& host = entry->second;
  v1::HostDetail detail;
  summarize(host, *detail.mutable_summary());
  // Judged for this answer, because heartbeats move the times of the evidence and not the verdicts.
  policy::Evaluation evaluation =
      policy::evaluate(host.view(), host.first_seen, *host.judged_by, clock_.now());
  for (v1::Verdict& verdict : evaluation.verdicts)
    *detail.add_verdicts() = std::move(verdict);
  for (size_t index = 0; index < host.sections.size(); ++index) {
    fill_section(host.sections.state(index), host.sections.sequence(index), *detail.add_sections());
  }
  return detail;
}

std::vector<Fleet::HostTrust> Fleet::host_trusts() const {
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

exposition::HostParts Fleet::render(Host& host) const {
  exposition::HostMetricsInput input;
  input.host = host.record.name;
  input.sections = host.sections.states();
  std::vector<exposition::Label> labels;
  std::vector<std::string_view> windows;
  if (host.judged_by != nullptr) {
    input.controls = host.judged_by->controls;
    labels = shown_labels(*host.judged_by, host.scope.owner, host.labels);
    for (const uint32_t window : host.open_windows)
      windows.push_back(host.judged_by->maintenance[window].name);
  }
  input.labels = labels;
  input.windows = windows;
  input.standings = host.standings;
  input.reporting = host.reporting;
  input.quarantined = host.record.identity.standing == Standing::kQuarantined;
  input.revoked = host.record.identity.standing == Standing::kRevoked;
  input.last_sync = host.record.last_sync_at;
  input.series_budget = series_budget_;
  if (host.record.last_sync_at) input.clock_offset_seconds = host.record.clock_offset_seconds;
  exposition::HostParts& parts = host.rendered;
  if (parts.settled == nullptr) {
    parts.settled =
        std::make_shared<const exposition::RenderedHost>(exposition::render_settled(input));
    // It says what the settled part had to cut.
    parts.moving.reset();
    ++settled_renderings_;
  }
  if (parts.moving == nullptr) {
    parts.moving = std::make_shared<const exposition::RenderedHost>(
        exposition::render_moving(input, parts.settled->cut()));
    ++moving_renderings_;
  }
  return parts;
}

bool Fleet::render_some(Shard& shard, std::string& after,
                        std::vector<exposition::HostParts>& parts) const {
  // For as long, a report to one of the shard's hosts waits.
  constexpr size_t kAtOnce = 64;
  const std::lock_guard guard(shard.mutex);
  auto host = shard.hosts.upper_bound(after);
  for (size_t count = 0; count < kAtOnce && host != shard.hosts.end(); ++count, ++host) {
    after = host->first;
    if (host->second.slot < parts.size()) parts[host->second.slot] = render(host->second);
  }
  return host != shard.hosts.end();
}

exposition::JoinedFamilies Fleet::join_metrics(exposition::Format format) const {
  // Looking up each host by its id costs as much as its text: they are taken as they lie, and put
  // into the order of their names afterwards.
  std::vector<exposition::HostParts> parts(next_slot_);
  for (const std::unique_ptr<Shard>& shard : shards_) {
    std::string after;
    while (render_some(*shard, after, parts)) {
    }
  }
  std::vector<exposition::HostParts> hosts;
  hosts.reserve(parts.size());
  const std::lock_guard guard(names_mutex_);
  for (const auto& [name, host] : names_) {
    // One that came meanwhile is in the next exposition.
    if (host.slot < parts.size() && parts[host.slot].moving != nullptr) {
      hosts.push_back(std::move(parts[host.slot]));
    }
  }
  return exposition::JoinedFamilies(std::move(hosts), format);
}

std::string Fleet::render_metrics(exposition::Format format) const {
  return join_metrics(format).take_all();
}

absl::StatusOr<std::string> Fleet::render_host_metrics(std::string_view name,
                                                       exposition::Format format) const {
  const std::optional<std::string> id = id_of(name);
  if (!id) return no_such_host(name);
  std::vector<exposition::HostParts> hosts;
  with_host(*id, [this, &hosts](Host& host) { hosts.push_back(render(host)); });
  if (hosts.empty()) return no_such_host(name);
  return exposition::JoinedFamilies(std::move(hosts), format).take_all();
}

Fleet::Renderings Fleet::renderings() const {
  return {.moving = moving_renderings_, .settled = settled_renderings_};
}

}  // namespace muster::collector
