#include "agent/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <memory>
#include <random>
#include <utility>

#include "agent/agent.h"
#include "agent/config/trusted_config.h"
#include "agent/identity/enrol.h"
#include "agent/identity/identity.h"
#include "agent/identity/reenrol.h"
#include "agent/launcher/launcher_start.h"
#include "agent/output/service_report.h"
#include "agent/output/status_text.h"
#include "agent/privileges.h"
#include "agent/sync/grpc_timers.h"
#include "agent/sync/sync_client.h"
#include "common/descriptor.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/version.h"

namespace muster::agent {
namespace {

constexpr int kConfigError = 78;
constexpr int kCannotCreate = 73;
constexpr std::chrono::hours kEnrolmentIsOver(1);
// A report whose collector does not answer is given up that much later, after 34 s at most.
constexpr int64_t kGrpcTimerTickSeconds = 4;

// The lock that keeps a second agent from the same state. It goes with the process.
absl::StatusOr<Descriptor> take_state_directory(const std::string& directory) {
  if (absl::Status made = make_directory(directory, 0750); !made.ok()) return made;
  const std::string path = directory + "/lock";
  Descriptor lock(failpoint::fails("lock.create", path)
                      ? -1
                      : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.get() < 0) return errno_status(errno, fmt::format("opening {}", path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::AlreadyExistsError(
        fmt::format("another muster-agent runs on {}: see muster-agent status", directory));
  }
  return lock;
}

std::unique_ptr<SyncTransport> make_sync_client(boost::asio::io_context& context,
                                                const Config& config) {
  SyncClientOptions options;
  options.collectors = config.collectors;
  options.identity = config.identity;
  options.proxy = config.proxy;
  return std::make_unique<SyncClient>(context, std::move(options));
}

std::unique_ptr<Reenrolment> make_reenrolment(boost::asio::io_context& context,
                                              const Config& config) {
  if (config.enrolment.host.empty()) return nullptr;
  ReenrolOptions options;
  options.collector = config.enrolment;
  options.proxy = config.proxy;
  options.roots_path = config.identity.ca;
  return std::make_unique<HttpsReenrolment>(context, std::move(options));
}

void log_complaints(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    log_error("the new configuration is not taken, the old one stays", {{"error", line}});
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
}

// As the service has it: with the credentials that systemd gave to it.
absl::StatusOr<TrustedConfig> read_config(const RunOptions& options) {
  absl::StatusOr<TrustedConfig> read = load_trusted_config(options.config_path);
  if (!read.ok()) return read;
  absl::Status status = use_credentials(read->config, options.service.credentials_directory);
  if (!status.ok()) return status;
  return read;
}

// The launcher first, with the privileges there are; then, as root, for good another user.
absl::StatusOr<ConnectLauncher> give_up_root(const RunOptions& options, const TrustedConfig& read) {
  const bool is_root = ::geteuid() == 0;
  Account account;
  if (is_root) {
    absl::StatusOr<Account> found = find_account(options.user.empty() ? kAgentUser : options.user);
    if (!found.ok()) return found.status();
    account = *std::move(found);
  }
  absl::StatusOr<ConnectLauncher> launcher =
      start_launcher({.socket = options.launcher_socket,
                      .program = options.launcher_program,
                      .probe_directory = options.probe_directory,
                      .config = options.config_path,
                      .probe_user = options.probe_user,
                      .require_sandbox = options.require_sandbox});
  if (!launcher.ok() || !is_root) return launcher;
  absl::Status given = give_directory(read.config.state_directory, account, read.file.get());
  if (given.ok()) given = become(account);
  if (!given.ok()) return given;
  return launcher;
}

// Signals for as long as the agent runs.
class Signals {
 public:
  Signals(boost::asio::io_context& context, const RunOptions& options, Agent& agent,
          ServiceReport& service)
      : context_(context),
        options_(options),
        agent_(agent),
        service_(service),
        signals_(context, SIGTERM, SIGINT, SIGHUP) {
    wait();
  }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload();
        return wait();
      }
      log_info("ending", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      service_.stopping();
      agent_.stop();
      context_.stop();
    });
  }

  void reload() {
    service_.reloading();
    absl::StatusOr<TrustedConfig> read = read_config(options_);
    if (!read.ok()) {
      service_.reloaded(std::string(text_of(read.status())));
      return log_complaints(text_of(read.status()));
    }
    set_log_level(read->config.log_level);
    log_info("the configuration was read again", {{"config", options_.config_path}});
    agent_.reload(std::move(read->config));
    service_.reloaded("");
  }

  boost::asio::io_context& context_;
  const RunOptions& options_;
  Agent& agent_;
  ServiceReport& service_;
  boost::asio::signal_set signals_;
};

}  // namespace

int run_agent(const RunOptions& options) {
  // One arena: gRPC's threads would each reserve one of their own, and hold on to it.
  ::mallopt(M_ARENA_MAX, 1);
  gather_grpc_timers(kGrpcTimerTickSeconds);
  absl::StatusOr<TrustedConfig> read = read_config(options);
  if (!read.ok()) {
    fmt::print(stderr, "{}\n", text_of(read.status()));
    if (absl::IsNotFound(read.status())) {
      fmt::print(stderr, "enrol this host first: muster-agent enroll --help\n");
    }
    return kConfigError;
  }
  set_log_level(read->config.log_level);
  const absl::StatusOr<ConnectLauncher> launcher = give_up_root(options, *read);
  if (!launcher.ok()) {
    fmt::print(stderr, "muster-agent: {}\n", text_of(launcher.status()));
    return kConfigError;
  }
  read->file.reset(-1);
  Config* const config = &read->config;
  const absl::StatusOr<Descriptor> lock = take_state_directory(config->state_directory);
  if (!lock.ok()) {
    log_error("cannot start", {{"error", text_of(lock.status())}});
    return kCannotCreate;
  }
  // What an enrolment left that was killed, and not what one writes at this moment; the outbox
  // clears its own.
  for (const std::string& file :
       {config->identity.key, config->identity.certificate, config->identity.ca,
        pending_path(config->identity.certificate)}) {
    remove_temporary_files(file, kEnrolmentIsOver);
  }
  const SystemClock clock;
  absl::StatusOr<std::unique_ptr<Outbox>> outbox =
      Outbox::open({.directory = config->state_directory + "/outbox", .write = {}}, clock);
  if (!outbox.ok()) {
    log_error("cannot start", {{"error", text_of(outbox.status())}});
    return kCannotCreate;
  }

  int exit_status = 0;
  boost::asio::io_context context(1);
  ServiceReport service(context, options.service);
  std::mt19937_64 generator{std::random_device{}()};
  log_info("muster-agent starts", {{"version", kVersion},
                                   {"config", options.config_path},
                                   {"state_directory", config->state_directory},
                                   {"collector", config->collectors.front().text()}});
  Agent agent(
      context, std::move(*config),
      {.clock = clock,
       .random = [&generator] { return std::uniform_real_distribution<>(0, 1)(generator); },
       .make_transport = [&context](const Config& now) { return make_sync_client(context, now); },
       .make_reenrolment = [&context](const Config& now) { return make_reenrolment(context, now); },
       .probe_directory = options.probe_directory,
       .connect_launcher = *launcher,
       .launcher_refused =
           [&exit_status, &context](int status) {
             exit_status = status;
             context.stop();
           },
       // It serves without a launcher too, and reports that it has none.
       .launcher_settled = [&service] { service.ready(); },
       .machine_id_hash = machine_id_hash(),
       .outbox = *std::move(outbox),
       .on_status = [&service](const v1::AgentStatus& status) { service.tell(status); }});
  const Signals signals(context, options, agent, service);
  agent.start();
  context.run();
  if (exit_status != 0) {
    log_error("ending: the launcher does not run as it was told to", {{"status", exit_status}});
    agent.stop();
  }
  return exit_status;
}

int check_config(const std::string& config_path) {
  const absl::StatusOr<TrustedConfig> config = load_trusted_config(config_path);
  if (!config.ok()) {
    fmt::print(stderr, "{}\n", text_of(config.status()));
    return kConfigError;
  }
  fmt::print("{} is good\n", config_path);
  return 0;
}

bool state_is_in_use(const std::string& directory) {
  const std::string path = directory + "/lock";
  const Descriptor lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return lock.get() >= 0 && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace muster::agent
