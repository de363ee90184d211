#include "collector/service/target_service.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <utility>

#include "common/files.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";
constexpr size_t kBootIdLimit = 100;
constexpr int kMostWeight = 100;

std::string value_of(const Labels& labels, const std::string& name) {
  const auto label = labels.find(name);
  return label == labels.end() ? std::string() : label->second;
}

// Empty where the kernel does not say.
std::string boot_id() {
  const absl::StatusOr<std::string> text = read_file(kBootIdFile, kBootIdLimit);
  return text.ok() ? std::string(trim(*text)) : std::string();
}

}  // namespace

std::vector<Looker> lookers_of(const std::vector<LabelledHost>& hosts,
                               const TargetsConfig& config) {
  std::vector<Looker> lookers;
  for (const LabelledHost& host : hosts) {
    int weight = 0;
    const bool is_weight = absl::SimpleAtoi(value_of(host.labels, config.weight_label), &weight) &&
                           weight >= 1 && weight <= kMostWeight;
    lookers.push_back({.host_id = host.id,
                       .host = host.name,
                       .weight = is_weight ? static_cast<double>(weight) : 1,
                       .site = value_of(host.labels, config.site_label)});
  }
  return lookers;
}

std::string describe_agents(const TargetsConfig& config) {
  std::vector<std::string> labels;
  for (const auto& [name, values] : config.agents)
    labels.push_back(fmt::format("{}={}", name, fmt::join(values, "|")));
  return fmt::format("{}", fmt::join(labels, " "));
}

absl::StatusOr<std::unique_ptr<TargetService>> TargetService::open(const Parts& parts) {
  auto service = std::unique_ptr<TargetService>(new TargetService(parts));
  absl::StatusOr<std::vector<StoredTarget>> stored = parts.target_store.load_targets();
  if (!stored.ok()) return stored.status();
  absl::StatusOr<std::unique_ptr<TargetLeases>> leases =
      make_target_leases(parts.clock, parts.store,
                         {.lease = parts.config.lease,
                          .agents = describe_agents(parts.config),
                          .site_label = parts.config.site_label,
                          .boot_id = boot_id()});
  if (!leases.ok()) return leases.status();
  service->leases_ = *std::move(leases);
  service->fleet_ = std::make_unique<TargetFleet>(parts.clock, parts.target_store, parts.hosts,
                                                  parts.hosts.policy(), service->leases_.get());
  service->fleet_->load(*std::move(stored));
  service->sources_ = std::make_unique<TargetSources>(
      parts.config, parts.state_directory, parts.clock, parts.source_metrics,
      [service = service.get()](std::shared_ptr<const TargetTable> table) {
        // The fleet first, so that nobody reports what it does not know.
        service->fleet_->set_targets(table);
        service->leases_->set_targets(std::move(table));
      });
  service->sources_->load();
  service->look_at_lookers();
  service->fleet_->look_at_hosts();
  service->forget_unlisted();
  return service;
}

void TargetService::look_at_lookers() {
  const uint64_t scopes = parts_.hosts.scope_changes();
  if (looked_at_scopes_ == scopes) return;
  looked_at_scopes_ = scopes;
  leases_->set_lookers(lookers_of(parts_.hosts.hosts_with(parts_.config.agents), parts_.config));
}

// Once all lists are known: after a restore, those of servers are not at once.
void TargetService::forget_unlisted() {
  if (forgot_unlisted_ || !sources_->complete()) return;
  forgot_unlisted_ = true;
  fleet_->forget_unlisted();
}

void TargetService::every_second() {
  look_at_lookers();
  leases_->look();
  fleet_->look_at_hosts();
  forget_unlisted();
  fleet_->entities().rejudge_due();
  const TargetLeases::Counts counts = leases_->counts();
  parts_.metrics.set_targets(counts.targets, counts.held, counts.agents, counts.moves);
  parts_.metrics.target_lease().Set(std::chrono::duration<double>(counts.lease).count());
}

void TargetService::flush_times() {
  std::vector<TargetWrite> writes = fleet_->take_dirty_times();
  if (writes.empty()) return;
  parts_.target_store.commit_target_times(std::move(writes), [](const absl::Status& status) {
    if (status.ok()) return;
    log_warning("cannot write when targets were last looked at; only a restart would notice",
                {{"error", std::string(status.message())}});
  });
}

}  // namespace muster::collector
