#include "agent/agent.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "agent/launcher/launcher_protocol.h"
#include "agent/looking/own_section.h"
#include "agent/looking/probe_list.h"
#include "agent/output/status_file.h"
#include "agent/output/status_text.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "common/version.h"

namespace muster::agent {

Agent::Agent(boost::asio::io_context& context, Config config, AgentParts parts)
    : config_(std::move(config)),
      parts_(std::move(parts)),
      started_at_(parts_.clock.now()),
      launcher_(context, {.connect = parts_.connect_launcher,
                          .table = table_digest(all_probes()),
                          .random = parts_.random,
                          .refused = parts_.launcher_refused,
                          .settled = parts_.launcher_settled}),
      runner_(launcher_, parts_.clock, probe_directory()),
      looks_(context, runner_, parts_.clock, parts_.random,
             {.taken = [this](const v1::Section& section) { take(section); },
              .confirmed = [this](std::string_view probe,
                                  TimePoint now) { return confirm(probe, now); },
              .held = [this](std::string_view probe) -> std::optional<v1::Section> {
                absl::StatusOr<v1::Section> section = parts_.outbox->newest(probe);
                if (!section.ok()) return std::nullopt;
                return *std::move(section);
              }}),
      targets_(context, runner_, parts_.clock,
               {.taken = [this](const std::vector<v1::Section>& sections) { record(sections); },
                .held =
                    [this](const std::set<std::string>& entities) {
                      parts_.outbox->forget_all_but(entities);
                    }}),
      reporter_(
          context, parts_.clock, *parts_.outbox, parts_.random,
          {.before = [this] { record_own_section(); },
           .prepare =
               [this](v1::SyncRequest& request) {
                 targets_.describe(request);
                 return renewal_.prepare(request);
               },
           .answered =
               [this](const absl::StatusOr<v1::SyncResponse>& response, const ReportTimes& times) {
                 renewal_.take_report(response);
                 if (response.ok()) targets_.take(*response, times);
               },
           .after = [this] { write_status(::getpid()); }}),
      renewal_(context, parts_.clock, parts_.random, parts_.machine_id_hash,
               {.renewed = [this] { reporter_.try_again(); },
                .changed = [this] { write_status(::getpid()); }}) {
  const absl::StatusOr<v1::AgentStatus> left = read_status(config_.state_directory);
  if (left.ok()) last_host_ = left->host();
  renewal_.assume_host(last_host_);
}

std::string Agent::probe_directory() const {
  return config_.probe_directory.empty() ? parts_.probe_directory : config_.probe_directory;
}

void Agent::start() {
  std::unique_ptr<SyncTransport> transport = parts_.make_transport(config_);
  std::unique_ptr<Reenrolment> reenrolment = parts_.make_reenrolment(config_);
  reporter_.start(*transport, config_.sync_interval, !config_.allowed_targets.empty());
  renewal_.start(config_, *transport, reenrolment.get());
  // The ways before go once nobody uses them, with what is still on them.
  transport_ = std::move(transport);
  reenrolment_ = std::move(reenrolment);
  launcher_.start();
  looks_.start(config_);
  targets_.start(config_);
}

void Agent::reload(Config config) {
  if (config.state_directory != config_.state_directory) {
    log_warning("state_directory changes at the next start only",
                {{"state_directory", config_.state_directory}});
    config.state_directory = config_.state_directory;
  }
  config_ = std::move(config);
  runner_.set_probe_directory(probe_directory());
  launcher_.reload();
  start();
}

void Agent::stop() {
  looks_.stop();
  targets_.stop();
  launcher_.stop();
  reporter_.stop();
  renewal_.stop();
  transport_.reset();
  reenrolment_.reset();
  write_status(0);
}

void Agent::take(const v1::Section& section) {
  record({&section, 1});
  write_status(::getpid());
  // The first report goes out as soon as there is something to say.
  if (!looked_once_ && looks_.all_have_looked()) {
    looked_once_ = true;
    reporter_.report_now();
  }
}

bool Agent::confirm(std::string_view probe, TimePoint now) {
  return parts_.outbox->confirm(probe, now);
}

void Agent::record(std::span<const v1::Section> sections) {
  const size_t waiting = parts_.outbox->statistics().waiting;
  const absl::Status recorded = parts_.outbox->record_all(sections);
  const std::string error(text_of(recorded));
  if (error != record_error_ && !recorded.ok()) {
    log_error("a change could not be saved: it is held in memory, trying again at the next report",
              {{"probe", sections.front().probe()}, {"error", error}});
  }
  record_error_ = error;
  if (parts_.outbox->statistics().waiting > waiting) reporter_.changed();
}

void Agent::record_own_section() {
  renewal_.look();
  const OwnState state{.started_at = started_at_,
                       .launcher = launcher_.facts(),
                       .certificate = renewal_.certificate(),
                       .renewal_error = renewal_.error(),
                       .outbox = parts_.outbox->statistics(),
                       .targets = targets_.counts(),
                       .resident_bytes = resident_bytes()};
  const v1::Section section = own_section(state, config_, runner_, parts_.clock.now());
  record({&section, 1});
}

void Agent::write_status(int64_t process_id) {
  v1::AgentStatus status;
  status.set_version(kVersion);
  status.set_process_id(process_id);
  *status.mutable_started_at() = to_proto(started_at_);
  *status.mutable_written_at() = to_proto(parts_.clock.now());
  reporter_.describe(status);
  if (status.host().empty()) status.set_host(last_host_);
  renewal_.describe(status);
  targets_.describe(status);
  const OutboxStatistics outbox = parts_.outbox->statistics();
  status.set_outbox_entries(outbox.waiting);
  status.set_outbox_bytes(outbox.bytes);
  status.set_outbox_dropped_total(outbox.dropped);
  status.set_outbox_damaged_total(outbox.damaged);
  if (launcher_.facts()) *status.mutable_sandbox() = sandbox_of(*launcher_.facts());
  for (v1::ProbeStatus& probe : looks_.status())
    *status.add_probes() = std::move(probe);
  if (parts_.on_status) parts_.on_status(status);
  const absl::Status written = muster::agent::write_status(config_.state_directory, status);
  const std::string error(text_of(written));
  if (!written.ok() && error != status_error_) {
    log_warning("muster-agent status will not know how this agent stands", {{"error", error}});
  }
  status_error_ = error;
}

}  // namespace muster::agent
