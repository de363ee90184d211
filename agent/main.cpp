// muster-agent: reads the command line and the environment, and hands over to one of the verbs.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "agent/command_line.h"
#include "agent/config/config.h"
#include "agent/identity/enrol.h"
#include "agent/identity/pinned_chain.h"
#include "agent/launcher/launcher_start.h"
#include "agent/looking/probe_requests.h"
#include "agent/looking/probe_table.h"
#include "agent/output/check.h"
#include "agent/output/check_memory_path.h"
#include "agent/output/status.h"
#include "agent/output/status_file.h"
#include "agent/output/status_text.h"
#include "agent/output/target_check.h"
#include "agent/privileges.h"
#include "agent/run.h"
#include "common/address.h"
#include "common/clock.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/service_environment.h"
#include "common/terminal.h"
#include "common/text.h"

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

std::string installed_launcher() {
  return (fs::path(installed_probe_directory()) / "../muster-launcher").lexically_normal();
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

// What a check needs root for is the launcher's: what probes wrote is read by nobody who has
// anything to lose.
ConnectLauncher start_and_give_up_root(const LauncherStart& start) {
  // Shared because a function is copied; there is one.
  auto launcher = std::make_shared<ConnectLauncher>();
  return [start, launcher]() -> absl::StatusOr<LauncherLink> {
    if (*launcher) return (*launcher)();
    const absl::StatusOr<ConnectLauncher> started = start_launcher(start);
    if (!started.ok()) return started.status();
    *launcher = *started;
    if (::geteuid() == 0) {
      constexpr uid_t kNobody = 65534;
      const absl::StatusOr<Account> account = find_account(kAgentUser);
      absl::Status became = become(account.ok() ? *account : Account{"nobody", kNobody, kNobody});
      if (!became.ok()) return became;
    }
    return (*launcher)();
  };
}

// By host, since a home may be on several. Empty: no home.
std::string check_memory_path() {
  const std::string directory = check_memory_directory({.state_home = std::getenv("XDG_STATE_HOME"),
                                                        .home = std::getenv("HOME"),
                                                        .is_root = ::geteuid() == 0});
  if (directory.empty()) return {};
  std::string host = host_name();
  std::replace(host.begin(), host.end(), '/', '_');
  return fmt::format("{}/check-memory-{}", directory, host);
}

int run_verb(const CheckArguments& arguments) {
  CheckOptions options;
  options.root = absolute(arguments.root);
  options.policy_path = arguments.policy;
  options.show_what_leaves = arguments.show_what_leaves;
  if (arguments.format == "json") options.format = CheckOptions::Format::kJson;
  if (arguments.format == "prometheus") options.format = CheckOptions::Format::kPrometheus;
  options.probe_directory = installed_probe_directory();
  options.memory_path = check_memory_path();
  options.style = style_of_stdout();
  options.runs_as_root = ::geteuid() == 0;
  options.connect_launcher = start_and_give_up_root({.program = installed_launcher(),
                                                     .probe_directory = options.probe_directory,
                                                     .root = options.root,
                                                     .probe_user = arguments.probe_user,
                                                     .require_sandbox = arguments.require_sandbox,
                                                     .quiet = true,
                                                     .any_target = !arguments.targets.empty()});
  // What a probe has to say is in the table.
  set_log_level(LogLevel::kError);
  const absl::StatusOr<CheckReport> report =
      arguments.targets.empty() ? check(options, SystemClock())
                                : check_targets(arguments.targets, options, SystemClock());
  if (!report.ok()) return complain(text_of(report.status()), kUsageError);
  std::fwrite(report->text.data(), 1, report->text.size(), stdout);
  return report->exit_status;
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
    // Not read_file: a FIFO or a process substitution is how a secret is passed.
    std::ifstream file(arguments.token_file, std::ios::binary);
    if (!file) return errno_status(errno, fmt::format("reading {}", arguments.token_file));
    text.resize(kTokenLimit + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
  }
  const std::string token(trim(text));
  if (token.empty() || text.size() > kTokenLimit) {
    return absl::InvalidArgumentError("the token file holds no token");
  }
  return token;
}

int run_verb(const EnrolArguments& arguments) {
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

int run_verb(const RunArguments& arguments) {
  if (arguments.check_config) return check_config(arguments.config);
  // A reader of stderr that has gone away must not end the agent.
  ::signal(SIGPIPE, SIG_IGN);
  // gRPC would take exceptions from the configured proxy from here.
  ::unsetenv("no_grpc_proxy");
  ::unsetenv("no_proxy");
  return run_agent({.config_path = absolute(arguments.config),
                    .probe_directory = installed_probe_directory(),
                    .launcher_program = installed_launcher(),
                    .launcher_socket = arguments.launcher_socket,
                    .user = arguments.user,
                    .probe_user = arguments.probe_user,
                    .require_sandbox = arguments.require_sandbox,
                    .service = take_service_environment()});
}

int run_verb(const ProbesArguments& arguments) {
  const v1::ProbeList list = describe_probes();
  const std::string text = arguments.format == "json"       ? probe_json(list)
                           : arguments.format == "markdown" ? probe_markdown(list)
                                                            : probe_table(list, style_of_stdout());
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int run_verb(const ProbeRequestsArguments& arguments) {
  const TargetReach reach =
      arguments.any_target ? TargetReach::kAnywhere : TargetReach::kConfigured;
  Config asked = default_probe_config();
  if (!arguments.no_settings) {
    constexpr size_t kConfigLimit = 1 << 20;
    std::string text(kConfigLimit + 1, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(std::cin.gcount()));
    if (text.size() > kConfigLimit) return complain("the configuration is too long", kUsageError);
    absl::StatusOr<Config> config = parse_config(text, arguments.name);
    if (!config.ok()) return complain(text_of(config.status()), kUsageError);
    asked = *std::move(config);
  }
  const absl::StatusOr<std::string> requests = probe_requests(asked, arguments.root, reach);
  if (!requests.ok()) return complain(text_of(requests.status()), kUsageError);
  std::fwrite(requests->data(), 1, requests->size(), stdout);
  return 0;
}

int run_verb(const StatusArguments& arguments) {
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
  const bool runs = state_is_in_use(directory);
  const StatusReport report =
      describe_status(*status, runs, SystemClock().now(), style_of_stdout());
  fmt::print("{}", report.text);
  return report.exit_status;
}

void log_protobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  log(level >= google::protobuf::LOGLEVEL_ERROR ? LogLevel::kWarning : LogLevel::kDebug, "protobuf",
      {{"line", printable(message)}});
}

// After --help, or a mistake: there is nothing to do.
int run_verb(int exit_status) {
  return exit_status;
}

}  // namespace
}  // namespace muster::agent

int main(int argc, char** argv) {
  google::protobuf::SetLogHandler(muster::agent::log_protobuf);
  muster::failpoint::set_rules_from_environment();
  return muster::finish_output(
      std::visit([](const auto& verb) { return muster::agent::run_verb(verb); },
                 muster::agent::parse_command_line(argc, argv)));
}
