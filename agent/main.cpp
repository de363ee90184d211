// muster-agent: reads the command line and the environment, and hands over to one of the verbs.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>

#include "agent/address.h"
#include "agent/check.h"
#include "agent/config.h"
#include "agent/enrol.h"
#include "agent/pinned_chain.h"
#include "agent/run.h"
#include "agent/status.h"
#include "agent/status_file.h"
#include "agent/status_text.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/log.h"
#include "common/terminal.h"
#include "common/text.h"
#include "common/version.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kUsageError = 64;
constexpr uint16_t kHttpsPort = 8443;
constexpr uint16_t kProxyPort = 3128;
constexpr size_t kTokenLimit = 4096;

std::string installed_probe_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return (program.parent_path() / "../libexec/muster/probes").lexically_normal();
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  ::gethostname(name.data(), HOST_NAME_MAX);
  return name.data();
}

int complain(std::string_view text, int exit_status) {
  fmt::print(stderr, "muster-agent: {}\n", text);
  return exit_status;
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  std::string text = fs::absolute(path, ignored).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/'))
    text.pop_back();
  return text;
}

// ---- check

struct CheckArguments {
  std::string root = "/";
  std::string format = "table";
  std::string policy;
};

void add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("check", "Look at this host once and judge what is seen");
  verb.add_option("--root", arguments.root, "Look at a mounted image or chroot instead");
  verb.add_option("--format", arguments.format, "table, json or prometheus")
      ->check(CLI::IsMember({"table", "json", "prometheus"}));
  verb.add_option("--policy", arguments.policy, "Judge by this policy instead of the built-in one");
  verb.footer(
      "It needs no collector and no configuration. Without root it says what it could not see.\n\n"
      "Exit status: 0 all controls pass (or are due: unmet, within their deadline), 1 a control\n"
      "fails, 2 a control cannot be told and none fails, 64 wrong usage.\n\n"
      "Examples:\n  muster-agent check\n  muster-agent check --root /mnt/image\n"
      "  muster-agent check --format json | jq '.verdicts[] | select(.status != \"STATUS_PASS\")'\n"
      "  muster-agent check --format prometheus > /var/lib/prometheus/node-exporter/muster.prom");
}

int run_check(const CheckArguments& arguments) {
  CheckOptions options;
  options.root = absolute(arguments.root);
  options.policy_path = arguments.policy;
  if (arguments.format == "json") options.format = CheckOptions::Format::kJson;
  if (arguments.format == "prometheus") options.format = CheckOptions::Format::kPrometheus;
  options.probe_directory = installed_probe_directory();
  options.style = style_of_stdout();
  options.runs_as_root = ::geteuid() == 0;
  // What a probe has to say is in the table.
  set_log_level(LogLevel::kError);
  const absl::StatusOr<CheckReport> report = check(options, SystemClock());
  if (!report.ok()) return complain(text_of(report.status()), kUsageError);
  std::fwrite(report->text.data(), 1, report->text.size(), stdout);
  return report->exit_status;
}

// ---- enroll

struct EnrolArguments {
  std::string collector;
  std::string token;
  std::string token_file;
  std::string ca_sha256;
  std::string name;
  std::string state_directory{kDefaultStateDirectory};
  std::string config;
  std::string proxy;
  bool force = false;
};

void add_enrol(CLI::App& app, EnrolArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("enroll", "Join this host to a collector with a token");
  verb.add_option("--collector", arguments.collector, "https://HOST:PORT of the collector")
      ->required();
  CLI::Option& token = *verb.add_option("--token", arguments.token,
                                        "The token. Every user sees it in ps: better --token-file");
  verb.add_option("--token-file", arguments.token_file, "File with the token; - reads stdin")
      ->excludes(&token);
  verb.add_option("--ca-sha256", arguments.ca_sha256, "SHA-256 of the collector's CA certificate")
      ->required();
  verb.add_option("--name", arguments.name, "Name to ask for; the host name by default");
  verb.add_option("--state-directory", arguments.state_directory, "Where the identity is kept")
      ->capture_default_str();
  verb.add_option("--config", arguments.config,
                  fmt::format("Written if missing; {}, or agent.yml in another state directory",
                              kDefaultConfigPath));
  verb.add_option("--proxy", arguments.proxy, "http://HOST:PORT, for enrolment and reports");
  verb.add_flag("--force", arguments.force, "Replace the identity that is there");
  verb.footer(
      "The key is made here and never leaves. The token is sent only to a server that presents "
      "the\n"
      "CA certificate with this fingerprint. `muster-collector token create` prints all three.\n\n"
      "Examples:\n"
      "  muster-agent enroll --collector https://collector.example.org:8443 \\\n"
      "    --token-file token --ca-sha256 1f3a...\n"
      "  ssh collector muster-collector token create --format json | jq -r .token |\n"
      "    muster-agent enroll --collector https://collector.example.org:8443 \\\n"
      "    --token-file - --ca-sha256 1f3a...");
}

absl::StatusOr<std::string> read_token(const EnrolArguments& arguments) {
  if (arguments.token_file.empty()) {
    if (!arguments.token.empty()) return arguments.token;
    return absl::InvalidArgumentError("a token is needed: --token-file FILE, or - for stdin");
  }
  std::string text;
  if (arguments.token_file == "-") {
    text.resize(kTokenLimit + 1);
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(std::cin.gcount()));
  } else {
    absl::StatusOr<std::string> file = read_file(arguments.token_file, kTokenLimit);
    if (!file.ok()) return file.status();
    text = *std::move(file);
  }
  const std::string token(trim(text));
  if (token.empty() || text.size() > kTokenLimit) {
    return absl::InvalidArgumentError("the token file holds no token");
  }
  return token;
}

int run_enrol(const EnrolArguments& arguments) {
  EnrolOptions options;
  const absl::StatusOr<Address> collector = parse_url(arguments.collector, "https", kHttpsPort);
  if (!collector.ok()) return complain(text_of(collector.status()), kUsageError);
  options.collector = *collector;
  if (!arguments.proxy.empty()) {
    const absl::StatusOr<Address> proxy = parse_url(arguments.proxy, "http", kProxyPort);
    if (!proxy.ok()) return complain(text_of(proxy.status()), kUsageError);
    options.proxy = *proxy;
  }
  const absl::StatusOr<std::string> pin = parse_fingerprint(arguments.ca_sha256);
  if (!pin.ok()) return complain(text_of(pin.status()), kUsageError);
  options.ca_sha256 = *pin;
  const absl::StatusOr<std::string> token = read_token(arguments);
  if (!token.ok()) return complain(text_of(token.status()), kUsageError);
  options.token = *token;
  options.name = arguments.name.empty() ? host_name() : arguments.name;
  options.state_directory = absolute(arguments.state_directory);
  options.force = arguments.force;
  options.config_path = arguments.config;
  if (options.config_path.empty()) {
    options.config_path = options.state_directory == kDefaultStateDirectory
                              ? std::string(kDefaultConfigPath)
                              : options.state_directory + "/agent.yml";
  }
  options.config_path = absolute(options.config_path);
  const absl::StatusOr<Enrolled> enrolled = enrol(options);
  if (!enrolled.ok()) return complain(printable(text_of(enrolled.status()), 4096), 1);
  fmt::print("enrolled as {}\n{} {}\nnext: muster-agent run --config {}\n",
             printable(enrolled->host), enrolled->kept_config ? "kept" : "wrote",
             options.config_path, options.config_path);
  return 0;
}

// ---- run and status

struct RunArguments {
  std::string config{kDefaultConfigPath};
  bool check_config = false;
};

void add_run(CLI::App& app, RunArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("run", "Look and report until a signal ends it");
  verb.add_option("--config", arguments.config, "Configuration")->capture_default_str();
  verb.add_flag("--check-config", arguments.check_config, "Say whether the configuration is good");
  verb.footer(
      "SIGHUP reads the configuration again; a wrong one leaves the old one running. SIGTERM "
      "ends.\n\n"
      "Configuration (only `collectors` is required):\n"
      "  collectors: ['collector.example.org:8433', '[2001:db8::1]:8433']\n"
      "  state_directory: /var/lib/muster-agent\n"
      "  identity: {certificate: FILE, key: FILE, ca: FILE}   # in state_directory by default\n"
      "  sync_interval: 60s\n"
      "  proxy: http://proxy.example.org:3128\n"
      "  probe_directory: DIRECTORY\n"
      "  log_level: info                # debug, info, warning, error\n"
      "  probes:\n"
      "    packages-apt: {enabled: true, interval: 15m, timeout: 2m}\n"
      "    certificates: {paths: ['/srv/tls/*.pem'], default_paths: true}\n\n"
      "Exit status: 0 ended by a signal, 64 wrong usage, 73 the state directory cannot be used,\n"
      "78 the configuration is wrong.\n\n"
      "Examples:\n  muster-agent run\n  muster-agent run --config agent.yml --check-config");
}

int run_run(const RunArguments& arguments) {
  if (arguments.check_config) return check_config(arguments.config);
  // A reader of stderr that has gone away must not end the agent.
  ::signal(SIGPIPE, SIG_IGN);
  // gRPC would take exceptions from the configured proxy from here.
  ::unsetenv("no_grpc_proxy");
  ::unsetenv("no_proxy");
  return run_agent(
      {.config_path = absolute(arguments.config), .probe_directory = installed_probe_directory()});
}

struct StatusArguments {
  std::string state_directory;
  std::string config;
};

void add_status(CLI::App& app, StatusArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("status", "Say how the agent of this host stands");
  CLI::Option& directory =
      *verb.add_option("--state-directory", arguments.state_directory,
                       fmt::format("State directory; {} by default", kDefaultStateDirectory));
  verb.add_option("--config", arguments.config, "Configuration that names the state directory")
      ->excludes(&directory);
  verb.footer(
      "Exit status: 0 the last report got through, 1 it did not, 2 it cannot be told (no agent "
      "runs,\n"
      "or none has reported yet), 64 wrong usage.\n\n"
      "Examples:\n  muster-agent status\n  muster-agent status --config agent.yml");
}

int run_status(const StatusArguments& arguments) {
  std::string directory = arguments.state_directory;
  if (!arguments.config.empty()) {
    const absl::StatusOr<Config> config = load_config(arguments.config);
    if (!config.ok()) return complain(text_of(config.status()), kUsageError);
    directory = config->state_directory;
  }
  if (directory.empty()) directory = kDefaultStateDirectory;
  const absl::StatusOr<v1::AgentStatus> status = read_status(directory);
  if (absl::IsNotFound(status.status())) {
    return complain(
        fmt::format("no agent has run on {} yet: start one with muster-agent run", directory), 2);
  }
  if (!status.ok()) return complain(text_of(status.status()), 2);
  const std::string process = fmt::format("/proc/{}", status->process_id());
  const bool runs = status->process_id() > 0 && fs::exists(process);
  const StatusReport report =
      describe_status(*status, runs, SystemClock().now(), style_of_stdout());
  fmt::print("{}", report.text);
  return report.exit_status;
}

void log_protobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  log(level >= google::protobuf::LOGLEVEL_ERROR ? LogLevel::kWarning : LogLevel::kDebug, "protobuf",
      {{"line", printable(message)}});
}

int run(int argc, char** argv) {
  google::protobuf::SetLogHandler(log_protobuf);
  CLI::App app{"Reports what this host is and how it is patched, to a Muster collector."};
  app.name("muster-agent");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  muster-agent check                  judge this host, here and now\n"
      "  muster-agent enroll --help          join a collector\n"
      "  muster-agent status                 is the agent reporting?");
  CheckArguments check_arguments;
  EnrolArguments enrol_arguments;
  RunArguments run_arguments;
  StatusArguments status_arguments;
  add_run(app, run_arguments);
  add_enrol(app, enrol_arguments);
  add_check(app, check_arguments);
  add_status(app, status_arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (app.got_subcommand("run")) return run_run(run_arguments);
  if (app.got_subcommand("enroll")) return run_enrol(enrol_arguments);
  if (app.got_subcommand("check")) return run_check(check_arguments);
  return run_status(status_arguments);
}

}  // namespace
}  // namespace muster::agent

int main(int argc, char** argv) {
  return muster::agent::run(argc, argv);
}
