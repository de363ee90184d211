// muster-fleet-simulator: a fleet of agents in one process, towards a real collector. A test tool;
// it is not installed.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "agent/identity/pinned_chain.h"
#include "agent/output/status_text.h"
#include "common/address.h"
#include "common/clock.h"
#include "common/duration.h"
#include "common/files.h"
#include "tests/simulator/identities.h"
#include "tests/simulator/linux_servers.h"
#include "tests/simulator/mtls_transport.h"
#include "tests/simulator/phase_report.h"
#include "tests/simulator/simulation.h"

namespace muster::simulator {
namespace {

constexpr int kUsageError = 64;
constexpr int kUnavailable = 69;
constexpr size_t kMostHosts = 50'000;
// A connection and some for everything else.
constexpr size_t kDescriptorsBeside = 200;

constexpr const char* kHelpFooter =
    R"(The hosts that --identities lacks are enrolled first, for which --enrol, --token-file and
--ca-sha256 are needed. The run's first phase, "joining", ends when every host was answered and
nothing waits; then comes "steady". At each phase's end it is reported on stdout: as one line with
--format json. SIGUSR1 begins with "joining" again: every host counts as out of sync until its next
answer. SIGTERM and SIGINT end the run in order. What the agents hold is kept in --identities.

Examples (a collector of your own, never one in service):
  muster-collector token create --uses 100 --format json     # token, ca_sha256, enrol_url
  muster-fleet-simulator --identities fleet --hosts 100 --enrol 127.0.0.1:8443 \
    --token-file token --ca-sha256 HEX --collector 127.0.0.1:8433 --sync-interval 5s --duration 1m
  muster-fleet-simulator --identities fleet --hosts 64 --collector 127.0.0.1:8433 \
    --sync-interval 0s --change-every-sync --syncs 5000 --concurrency 8 --server-pid PID

Exit status: 0 all hosts in sync at the end, 1 not all, 64 wrong usage, 69 something could not be had.)";

struct CommandLine {
  std::vector<std::string> collectors;
  std::string identities;
  size_t hosts = 100;
  std::string enrol;
  std::string token_file;
  std::string ca_sha256;
  std::string sync_interval = "60s";
  std::string duration = "0s";
  LinuxServerOptions servers;
  SimulationOptions simulation;
  pid_t server_pid = 0;
  std::string format = "table";
};

// lock-free, so a signal handler may set them.
std::atomic<bool> end_asked = false;
std::atomic<bool> anew_asked = false;

int fail(const absl::Status& status) {
  fmt::print(stderr, "muster-fleet-simulator: {}\n", agent::text_of(status));
  return kUnavailable;
}

std::string check_duration(const std::string& text) {
  if (text == "0" || text == "0s") return "";
  const absl::StatusOr<Duration> duration = parse_duration(text);
  return duration.ok() ? "" : std::string(duration.status().message());
}

std::string check_address(const std::string& text) {
  const absl::StatusOr<Address> address = parse_address(text);
  return address.ok() ? "" : std::string(address.status().message());
}

Duration duration_of(const std::string& text) {
  return parse_duration(text).value_or(Duration(0));
}

void add_options(CLI::App& app, CommandLine& line) {
  const CLI::Validator is_duration(check_duration, "");
  const CLI::Validator is_address(check_address, "");
  app.add_option("--collector", line.collectors, "HOST:PORT where agents report; may be repeated")
      ->required()
      ->check(is_address);
  app.add_option("--identities", line.identities, "Directory of keys and certificates")->required();
  app.add_option("--hosts", line.hosts, "How many agents")
      ->check(CLI::Range(size_t{1}, kMostHosts))
      ->capture_default_str();
  app.add_option("--enrol", line.enrol, "HOST:PORT of the collector's HTTPS")->check(is_address);
  app.add_option("--token-file", line.token_file, "A join token with enough uses");
  app.add_option("--ca-sha256", line.ca_sha256, "Fingerprint of the collector's CA");
  app.add_option("--sync-interval", line.sync_interval,
                 "Between two reports of a host; 0s: again as soon as it is answered")
      ->check(is_duration)
      ->capture_default_str();
  app.add_option("--changes-per-hour", line.simulation.changes_per_hour,
                 "Changes of each host's packages")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_flag("--change-every-sync", line.simulation.change_every_sync,
               "A change before each report of the steady phase");
  app.add_option("--updates", line.servers.updates, "Pending updates of each host")
      ->check(CLI::Range(0, 5000))
      ->capture_default_str();
  app.add_option("--changed-facts", line.servers.changed_updates,
                 "How many of these get another candidate at a change")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str();
  app.add_flag("--domains", line.servers.domains,
               "Each host looks at a domain, its zone and its look-alikes");
  app.add_option("--duration", line.duration, "Of the steady phase; 0s: until a signal")
      ->check(is_duration)
      ->capture_default_str();
  app.add_option("--syncs", line.simulation.syncs, "Reports of the steady phase; 0: no bound");
  app.add_flag("--until-in-sync", line.simulation.until_in_sync, "End when all are in sync");
  app.add_option("--concurrency", line.simulation.concurrency, "Reports under way at most")
      ->check(CLI::Range(1, 50'000))
      ->capture_default_str();
  app.add_option("--server-pid", line.server_pid, "Collector on this machine whose use to report");
  app.add_option("--format", line.format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.footer(kHelpFooter);
}

absl::Status raise_descriptor_limit(size_t hosts) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= hosts + kDescriptorsBeside) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format(
      "{} hosts want {} open files, {} are allowed: raise the hard limit (`ulimit -Hn`) "
      "or simulate fewer",
      hosts, hosts + kDescriptorsBeside, limit.rlim_cur));
}

absl::Status enrol(const CommandLine& line) {
  const size_t missing = missing_identities(line.identities, line.hosts);
  if (missing == 0) return absl::OkStatus();
  if (line.enrol.empty() || line.token_file.empty() || line.ca_sha256.empty()) {
    return absl::FailedPreconditionError(
        fmt::format("{} of {} hosts have no identity in {}: --enrol, --token-file and --ca-sha256 "
                    "enrol them",
                    missing, line.hosts, line.identities));
  }
  absl::StatusOr<std::string> token = read_file(line.token_file, 4096);
  if (!token.ok()) return token.status();
  token->erase(token->find_last_not_of(" \n") + 1);
  const absl::StatusOr<Address> address = parse_address(line.enrol);
  if (!address.ok()) return address.status();
  const absl::StatusOr<std::string> pin = agent::parse_fingerprint(line.ca_sha256);
  if (!pin.ok()) return pin.status();
  const bool on_terminal = ::isatty(STDERR_FILENO) == 1;
  return enrol_missing(
      line.identities, line.hosts, {.collector = *address, .token = *token, .ca_sha256 = *pin},
      [missing, on_terminal](size_t done) {
        if (on_terminal && (done % 100 == 0 || done == missing)) {
          fmt::print(stderr, "\renrolled {} of {}{}", done, missing, done == missing ? "\n" : "");
        }
      });
}

// Reports each phase with what the server used in it.
class Reporter {
 public:
  explicit Reporter(const CommandLine& line) : line_(line) { measure(); }

  void report(const PhaseResult& result) {
    const std::optional<ServerUsage> before = usage_;
    measure();
    std::optional<ServerMeasured> server;
    if (before && usage_) server = ServerMeasured{.before = *before, .after = *usage_};
    const std::string text =
        line_.format == "json" ? phase_as_json(result, server) : phase_as_text(result, server);
    fmt::print("{}", text);
    std::fflush(stdout);
  }

 private:
  void measure() {
    usage_.reset();
    if (line_.server_pid == 0) return;
    // A server that was killed has no figures, and the run goes on.
    const absl::StatusOr<ServerUsage> usage = read_server_usage(line_.server_pid);
    if (usage.ok()) usage_ = *usage;
  }

  const CommandLine& line_;
  std::optional<ServerUsage> usage_;
};

int run(CommandLine& line) {
  if (absl::Status limit = raise_descriptor_limit(line.hosts); !limit.ok()) return fail(limit);
  if (absl::Status enrolled = enrol(line); !enrolled.ok()) return fail(enrolled);
  absl::StatusOr<std::vector<Identity>> identities = read_identities(line.identities, line.hosts);
  if (!identities.ok()) return fail(identities.status());

  const SystemClock clock;
  // A day's beginning, so that a run goes on with the facts of the one before.
  const LinuxServers source(line.servers, std::chrono::floor<std::chrono::days>(clock.now()));
  absl::StatusOr<std::vector<AgentMemory>> memories =
      read_memories(line.identities, line.hosts, source.probes().size());
  if (!memories.ok()) return fail(memories.status());

  std::vector<Address> collectors;
  for (const std::string& text : line.collectors)
    collectors.push_back(parse_address(text).value());
  MtlsTransport transport(collectors, *std::move(identities));
  Reporter reporter(line);
  size_t in_sync = 0;
  Simulation simulation(line.simulation, source, transport, clock, *std::move(memories),
                        {.phase_ended =
                             [&reporter, &in_sync](const PhaseResult& result) {
                               in_sync = result.in_sync;
                               reporter.report(result);
                             },
                         .should_end = [] { return end_asked.load(); },
                         .should_begin_anew = [] { return anew_asked.exchange(false); }});
  std::signal(SIGINT, [](int) { end_asked = true; });
  std::signal(SIGTERM, [](int) { end_asked = true; });
  std::signal(SIGUSR1, [](int) { anew_asked = true; });
  simulation.run();
  if (absl::Status kept = write_memories(line.identities, simulation.memories()); !kept.ok()) {
    return fail(kept);
  }
  return in_sync == line.hosts ? 0 : 1;
}

}  // namespace
}  // namespace muster::simulator

int main(int argc, char** argv) {
  using namespace muster::simulator;
  CLI::App app("A fleet of simulated agents, each with its own certificate and connection.",
               "muster-fleet-simulator");
  CommandLine line;
  add_options(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  line.simulation.sync_interval = duration_of(line.sync_interval);
  line.simulation.duration = duration_of(line.duration);
  return run(line);
}
