// What the fleet shows to Prometheus: each host's and each target's text, kept until it changes.
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {

Fleet::Shown::Shown(const Host& host) {
  if (host.judged_by == nullptr) return;
  labels = shown_labels(*host.judged_by, host.scope.owner, host.labels);
  for (const uint32_t window : host.open_windows)
    windows.push_back(host.judged_by->maintenance[window].name);
}

exposition::HostMetricsInput Fleet::metrics_input(const Host& host, const Shown& shown) const {
  exposition::HostMetricsInput input;
  input.host = host.record.name;
  input.sections = host.sections.states();
  if (host.judged_by != nullptr) input.controls = host.judged_by->controls;
  input.labels = shown.labels;
  input.windows = shown.windows;
  input.standings = host.standings;
  input.reporting = host.reporting;
  input.quarantined = host.record.identity.standing == Standing::kQuarantined;
  input.revoked = host.record.identity.standing == Standing::kRevoked;
  input.last_sync = host.record.last_sync_at;
  input.series_budget = options_.series_budget;
  if (host.record.last_sync_at) input.clock_offset_seconds = host.record.clock_offset_seconds;
  return input;
}

exposition::TargetMetricsInput Fleet::target_metrics_input(const Host& host, const Shown& shown) {
  exposition::TargetMetricsInput input;
  input.target = host.record.name;
  input.kind = host.target->kind;
  input.address = host.target->address;
  input.sections = host.sections.states();
  if (host.judged_by != nullptr) input.controls = host.judged_by->controls;
  input.standings = host.standings;
  input.labels = shown.labels;
  input.windows = shown.windows;
  input.observed = host.reporting;
  input.last_look = host.record.last_sync_at;
  input.holder = host.holder;
  return input;
}

exposition::HostParts Fleet::render(Host& host) const {
  exposition::HostParts& parts = host.rendered;
  if (parts.settled != nullptr && parts.moving != nullptr) return parts;
  const Shown shown(host);
  const auto keep = [](exposition::RenderedHost rendered) {
    return std::make_shared<const exposition::RenderedHost>(std::move(rendered));
  };
  if (parts.settled == nullptr) {
    parts.settled = keep(host.target ? exposition::render_settled(target_metrics_input(host, shown))
                                     : exposition::render_settled(metrics_input(host, shown)));
    // It says what the settled part had to cut.
    parts.moving.reset();
    ++settled_renderings_;
  }
  if (parts.moving == nullptr) {
    parts.moving = keep(
        host.target ? exposition::render_moving(target_metrics_input(host, shown))
                    : exposition::render_moving(metrics_input(host, shown), parts.settled->cut()));
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
  return exposition::JoinedFamilies(std::move(hosts), format, *options_.families);
}

std::string Fleet::render_metrics(exposition::Format format) const {
  return join_metrics(format).take_all();
}

absl::StatusOr<std::string> Fleet::render_host_metrics(std::string_view name,
                                                       exposition::Format format) const {
  const std::optional<std::string> id = id_of(name);
  if (!id) return no_such_entity(name);
  std::vector<exposition::HostParts> hosts;
  with_host(*id, [this, &hosts](Host& host) { hosts.push_back(render(host)); });
  if (hosts.empty()) return no_such_entity(name);
  return exposition::JoinedFamilies(std::move(hosts), format, *options_.families).take_all();
}

Renderings Fleet::renderings() const {
  return {.moving = moving_renderings_, .settled = settled_renderings_};
}

}  // namespace muster::collector
