#include "agent/targets/target_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/looking/probe_list.h"
#include "agent/output/status_text.h"
#include "agent/targets/lease_file.h"
#include "common/log.h"
#include "common/targets/target_kinds.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

Assignments::Rules rules_of(const Config& config) {
  Assignments::Rules rules{.allowed = config.allowed_targets, .probes = {}};
  for (size_t i = 0; i < all_probes().size() && i < config.probes.size(); ++i) {
    if (!looks_at_targets(all_probes()[i])) continue;
    std::vector<std::string>& names =
        config.probes[i].enabled ? rules.probes : rules.disabled_probes;
    names.emplace_back(all_probes()[i].name);
  }
  return rules;
}

}  // namespace

TargetWork::TargetWork(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
                       Receiver receiver)
    : clock_(clock),
      receiver_(std::move(receiver)),
      assignments_(Assignments::Rules{}),
      looks_(context, runner, clock, [this](std::vector<v1::Section> sections) {
        // A look that ends after the target has gone to another tells nothing any more.
        std::erase_if(sections, [this](const v1::Section& section) {
          return !entities_.contains(section.entity());
        });
        if (!sections.empty()) receiver_.taken(std::move(sections));
      }) {}

void TargetWork::start(const Config& config) {
  Assignments::Rules rules = rules_of(config);
  const bool is_slower = config.looks_per_second < config_.looks_per_second ||
                         config.looks_per_address_per_second < config_.looks_per_address_per_second;
  const bool is_narrower_perhaps = is_started_ && (is_slower || rules != rules_of(config_) ||
                                                   config.own_targets != config_.own_targets);
  config_ = config;
  assignments_.allow(std::move(rules));
  if (!std::exchange(is_started_, true)) resume();
  hold();
  // Probes that run go by the rules that they were started with.
  if (is_narrower_perhaps) looks_.give_up();
  looks_.start(config);
  tell_what_is_not_looked_at();
}

void TargetWork::resume() {
  absl::StatusOr<KeptLeases> kept = take_leases(config_.state_directory);
  if (absl::IsNotFound(kept.status())) return;
  if (!kept.ok()) {
    log_warning("the leases of targets that were left are not used, the collector gives others",
                {{"why", text_of(kept.status())}});
    return;
  }
  looks_.collector_clock() = kept->clock;
  assignments_.resume(std::move(kept->targets), kept->end);
}

void TargetWork::stop() {
  if (!std::exchange(is_started_, false)) return;
  looks_.stop();
  if (!is_held_now()) return;
  KeptLeases kept{.end = assignments_.end(), .clock = looks_.collector_clock(), .targets = {}};
  for (const auto& [name, target] : assignments_.held())
    kept.targets.push_back(target);
  const absl::Status written = write_leases(config_.state_directory, kept);
  if (!written.ok()) {
    log_warning("the next agent of this host begins without the targets that this one held",
                {{"error", text_of(written)}});
  }
}

void TargetWork::take(const v1::SyncResponse& response, const ReportTimes& times) {
  if (!assignments_.take(response, times)) return;
  is_answered_ = true;
  if (const auto clock = AnswerClock::of(response.server_time(), times)) {
    looks_.collector_clock().take(*clock);
  }
  hold();
  tell_what_is_not_looked_at();
  looks_.plan();
}

void TargetWork::hold() {
  looks_.hold(assignments_.held(), assignments_.end());
  std::set<std::string> entities;
  for (const auto& [name, target] : assignments_.held())
    entities.insert(name);
  for (const auto& [name, target] : assignments_.refused())
    entities.insert(name);
  for (const auto& [entity, target] : own_targets(config_))
    entities.insert(entity);
  entities_ = std::move(entities);
  // After a crash the leases are lost, and what the outbox has of their targets is not.
  if (!is_answered_ || told_ == entities_) return;
  told_ = entities_;
  receiver_.held(entities_);
}

void TargetWork::tell_what_is_not_looked_at() {
  std::vector<v1::Section> sections;
  const auto add = [&](const std::string& entity, const std::string& probe,
                       const std::string& why) {
    if (probe.empty()) return;
    v1::Section& section = sections.emplace_back();
    section.set_entity(entity);
    section.set_probe(probe);
    section.set_outcome(v1::OUTCOME_FAILED);
    section.set_reason(why);
    *section.mutable_observed_at() = to_proto(clock_.now());
  };
  if (is_held_now()) {
    for (const auto& [name, target] : assignments_.refused())
      add(name, target.probe, target.why);
  }
  const std::vector<std::string> disabled = rules_of(config_).disabled_probes;
  for (const auto& [entity, target] : own_targets(config_)) {
    if (std::find(disabled.begin(), disabled.end(), target.probe) == disabled.end()) continue;
    add(entity, target.probe,
        fmt::format("probes.{} is switched off in the agent.yml of this host", target.probe));
  }
  if (!sections.empty()) receiver_.taken(std::move(sections));
}

bool TargetWork::is_held_now() const {
  return clock_.uptime() < assignments_.end();
}

TargetWork::Counts TargetWork::counts() const {
  return {.held = is_held_now() ? assignments_.held().size() : 0,
          .refused = assignments_.refused_total(),
          .looks = looks_.counts()};
}

void TargetWork::describe(v1::AgentStatus& status) const {
  status.set_targets_own(static_cast<uint32_t>(config_.own_targets.size()));
  if (assignments_.held().empty() && assignments_.refused().empty()) return;
  status.set_targets_held(static_cast<uint32_t>(assignments_.held().size()));
  status.set_targets_refused(static_cast<uint32_t>(assignments_.refused().size()));
  if (!assignments_.refused().empty()) {
    const RefusedTarget& first = assignments_.refused().begin()->second;
    status.set_target_refusal(fmt::format("{}: {}", first.entity, first.why));
  }
  *status.mutable_leases_end_at() = to_proto(clock_.now() + (assignments_.end() - clock_.uptime()));
}

}  // namespace muster::agent
