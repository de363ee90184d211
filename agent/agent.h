// The agent: looks, keeps what is seen, reports it, and tells how it stands itself. It owns its
// parts; the one thread that runs the io_context owns it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "agent/config/config.h"
#include "agent/identity/renewal.h"
#include "agent/launcher/launcher.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/looks.h"
#include "agent/looking/own_section.h"
#include "agent/outbox/outbox.h"
#include "agent/sync/reporter.h"
#include "agent/sync/sync_transport.h"
#include "agent/targets/target_work.h"
#include "common/clock.h"

namespace muster::agent {

// What the agent is made of, and tests replace.
struct AgentParts {
  const Clock& clock;
  // Numbers in [0, 1).
  std::function<double()> random;
  // The way to the collectors of a configuration.
  std::function<std::unique_ptr<SyncTransport>(const Config&)> make_transport;
  // How an identity that has expired is renewed; null where `enrolment` is not configured.
  std::function<std::unique_ptr<Reenrolment>(const Config&)> make_reenrolment;
  // Where probes are unless the configuration says otherwise.
  std::string probe_directory;
  // The way to the launcher, which has the probes of all_probes().
  ConnectLauncher connect_launcher;
  // See Launcher::Options.
  std::function<void(int)> launcher_refused = nullptr;
  std::function<void()> launcher_settled = nullptr;
  // As in HostFacts; empty where there is none.
  std::string machine_id_hash = {};
  std::unique_ptr<Outbox> outbox;
  // Told whenever it is written how the agent stands.
  std::function<void(const v1::AgentStatus&)> on_status = nullptr;
};

class Agent {
 public:
  // `context` outlives it.
  Agent(boost::asio::io_context& context, Config config, AgentParts parts);

  void start();
  // Another configuration from here on; the state directory stays what it was.
  void reload(Config config);
  // Kills what runs, gives up the report on its way, and leaves a last status. No handler of the
  // agent does anything afterwards.
  void stop();

 private:
  void take(const v1::Section& section);
  bool confirm(std::string_view probe, TimePoint now);
  void record(std::span<const v1::Section> sections);
  void record_own_section();
  void write_status(int64_t process_id);
  std::string probe_directory() const;

  Config config_;
  AgentParts parts_;
  const TimePoint started_at_;
  Launcher launcher_;
  ProbeRunner runner_;
  Looks looks_;
  std::unique_ptr<SyncTransport> transport_;
  std::unique_ptr<Reenrolment> reenrolment_;
  TargetWork targets_;
  Reporter reporter_;
  Renewal renewal_;
  // As a run before this one learnt it, for as long as this one has not.
  std::string last_host_;
  // The last error of the outbox and of the status file, so that each is logged once.
  std::string record_error_;
  std::string status_error_;
  bool looked_once_ = false;
};

}  // namespace muster::agent
