// muster-collector: parse, load, construct, run.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include "collector/admin/init.h"
#include "collector/admin/target_check.h"
#include "collector/admin/verbs.h"
#include "collector/cli.h"
#include "collector/collector.h"
#include "collector/inventory/inventory_config.h"
#include "collector/service/policy_source.h"
#include "collector/targets/target_check.h"
#include "common/failpoint.h"
#include "common/log.h"
#include "common/service_environment.h"
#include "common/terminal.h"

namespace {

using namespace muster;
using namespace muster::collector;

int run_init(const CommandLine& command, const Clock& clock) {
  const absl::StatusOr<std::string> config_path = initialize(command.initial, clock);
  if (!config_path.ok()) return fail(config_path.status());
  fmt::print("{}", next_steps(*config_path));
  return 0;
}

int run_serve(Config config, const Clock& clock, const ServiceEnvironment& service) {
  set_log_level(config.log_level);
  if (absl::Status status = use_credentials(config, service.credentials_directory); !status.ok()) {
    return fail(status);
  }
  const absl::StatusOr<std::unique_ptr<Collector>> collector =
      Collector::create(config, clock, service);
  if (!collector.ok()) return fail(collector.status());
  (*collector)->run();
  return 0;
}

int check_config(const std::string& path, Config config, const ServiceEnvironment& service) {
  // By hand there are no credentials, and a configuration is not wrong for that.
  for (std::string* file : {&config.policy, &config.web_config_file}) {
    if (!is_credential(*file) || !service.credentials_directory.empty()) continue;
    fmt::print("not looked at, since only the service has it: {}\n", *file);
    file->clear();
  }
  if (config.agent_identity && service.credentials_directory.empty()) {
    const AgentIdentity& identity = *config.agent_identity;
    if (is_credential(identity.ca_file) || is_credential(identity.certificate_file) ||
        is_credential(identity.key_file)) {
      fmt::print("not looked at, since only the service has them: the files of agent_identity\n");
      config.agent_identity.reset();
    }
  }
  std::erase_if(config.inventory, [&service](InventorySource& source) {
    const std::vector<std::string*> paths = paths_of(source);
    const bool left_out =
        service.credentials_directory.empty() &&
        std::any_of(paths.begin(), paths.end(), [](auto* file) { return is_credential(*file); });
    if (left_out) {
      fmt::print("not looked at, since only the service has it: inventory {}\n", source.name);
    }
    return left_out;
  });
  if (service.credentials_directory.empty()) {
    for (const std::string& name : leave_out_credentials(config.targets))
      fmt::print("not looked at, since only the service has it: targets {}\n", name);
  }
  if (absl::Status status = use_credentials(config, service.credentials_directory); !status.ok()) {
    return fail(status);
  }
  if (absl::Status status = check_sources(config.inventory); !status.ok()) return fail(status);
  if (absl::Status status = check_targets(config.targets).status(); !status.ok()) {
    return fail(status);
  }
  const absl::StatusOr<LoadedPolicy> policy = load_policy(config.policy);
  if (!policy.ok()) return fail(policy.status());
  if (absl::Status status = check_web_config(config.web_config_file); !status.ok()) {
    return fail(status);
  }
  if (absl::Status status = check_agent_identity(config); !status.ok()) return fail(status);
  fmt::print("{} is good\n", path);
  return 0;
}

int run(const CommandLine& command, const Clock& clock, const ServiceEnvironment& service) {
  // These want no configuration.
  if (command.verb == Verb::kInit) return run_init(command, clock);
  if (command.verb == Verb::kPolicyShowDefault) return show_default_policy();
  if (command.verb == Verb::kRestore) {
    return restore_backup(clock, command.restore, command.backup.passphrase_file);
  }

  const Presentation presentation{.format = command.format, .style = style_of_stdout()};
  if (command.verb == Verb::kTargetCheck && !command.target_files.empty()) {
    TargetsConfig targets;
    targets.files = command.target_files;
    return check_target_lists(std::move(targets));
  }
  if (command.verb == Verb::kPolicyCheck && !command.policy.against_live) {
    return check_policy({}, clock, command.policy, presentation);
  }
  if (command.verb == Verb::kPolicyTest && !command.policy.against_live) {
    return test_policy({}, clock, command.policy, presentation);
  }
  const absl::StatusOr<std::string> path = choose_config(command.config_path, is_absent_file);
  if (!path.ok()) return fail(path.status());
  const absl::StatusOr<Config> config = load_config(*path);
  if (!config.ok()) return fail(config.status());
  switch (command.verb) {
    case Verb::kCheckConfig:
      return check_config(*path, *config, service);
    case Verb::kTokenCreate:
      return create_token(*config, clock, command.token, presentation);
    case Verb::kTokenList:
      return list_tokens(*config, clock, presentation);
    case Verb::kHostList:
      return list_hosts(*config, clock, presentation);
    case Verb::kHostListMissing:
      return list_missing_hosts(*config, clock, presentation);
    case Verb::kHostShow:
      return show_host(*config, clock, command.argument, presentation);
    case Verb::kHostUpdates:
      return show_host_updates(*config, clock, command.argument, presentation);
    case Verb::kUpdates:
      return list_updates(*config, clock, command.update_choice, presentation);
    case Verb::kExpiry:
      return show_expiry(*config, clock, command.expiry, presentation.style);
    case Verb::kTargetList:
      return list_targets(*config, clock, command.target_choice, presentation);
    case Verb::kTargetShow:
      return show_target(*config, clock, command.argument, presentation);
    case Verb::kTokenRevoke:
      return revoke_token(*config, clock, command.argument, presentation);
    case Verb::kHostRevoke:
      return revoke_host(*config, clock, command.host_change, presentation);
    case Verb::kHostRelease:
      return release_host(*config, clock, command.host_change, presentation);
    case Verb::kHostRename:
      return rename_host(*config, clock, command.host_change, presentation);
    case Verb::kHostRemove:
      return remove_host(*config, clock, command.host_change, presentation);
    case Verb::kTargetCheck:
      return check_target_lists(config->targets);
    case Verb::kPolicyShow:
      return show_policy(*config, clock);
    case Verb::kPolicyCheck:
      return check_policy(*config, clock, command.policy, presentation);
    case Verb::kPolicyTest:
      return test_policy(*config, clock, command.policy, presentation);
    case Verb::kExplain:
      return explain_verdict(*config, clock, command.explain, presentation);
    case Verb::kBackup:
      return make_backup(*config, clock, command.backup);
    case Verb::kCaStatus:
      return show_ca(*config, clock, presentation);
    case Verb::kCaPrepare:
      return prepare_ca(*config, clock, presentation);
    case Verb::kCaActivate:
      return activate_ca(*config, clock, command.ca_change, presentation);
    case Verb::kCaRetire:
      return retire_ca(*config, clock, command.ca_change, presentation);
    default:
      return run_serve(*config, clock, service);
  }
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that goes away must not end us.
  std::signal(SIGPIPE, SIG_IGN);
  failpoint::set_rules_from_environment();
  const std::variant<CommandLine, Exit> parsed = parse_command_line(argc, argv);
  if (const Exit* exit = std::get_if<Exit>(&parsed)) return exit->status;
  const ServiceEnvironment service = take_service_environment();
  const SystemClock clock;
  return finish_output(run(std::get<CommandLine>(parsed), clock, service));
}
