#include "collector/cli.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "collector/command_line/options.h"
#include "collector/identity/certificate_builder.h"
#include "common/duration.h"
#include "common/timestamp.h"
#include "common/version.h"

namespace muster::collector {
namespace {

// sysexits.h's EX_USAGE.
constexpr int kUsage = 64;

constexpr const char* kExamples = R"(Examples:
  muster-collector init --state-directory /var/lib/muster-collector --name collector.example.org
  muster-collector serve --config /var/lib/muster-collector/collector.yml
  muster-collector token create --ttl 1h --uses 10 --label role=web
  muster-collector host list
  muster-collector host show web1
  muster-collector host revoke web1 --reason "stolen"
  muster-collector updates --security
  muster-collector expiry --within 30d --owner web
  muster-collector target list --missing
  muster-collector policy test policy.d --against-live
  muster-collector explain web1 security-updates
  muster-collector target check targets.d/*.yml
  muster-collector ca status
  muster-collector backup --out backup.muster --passphrase-file FILE
  muster-collector --check-config --config collector.yml)";

// The name of this machine, where it is one that a certificate can have.
std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return server_alternative_name(name.data()).ok() ? name.data() : "localhost";
}

void add_init(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* init = app.add_subcommand("init", "Make a state directory: CA, certificate, policy");
  init->add_option("--state-directory", command.initial.state_directory,
                   "The directory to make; it must be new or empty")
      ->type_name("DIR")
      ->required();
  init->add_option("--name", raw.names,
                   "DNS name or IP address of this collector; again for more. The first is what "
                   "agents are told (default: this machine's name)")
      ->type_name("NAME");
  init->add_option("--grpc-listen", raw.grpc_listen, "Where agents report (default: [::]:8433)")
      ->type_name("ADDRESS");
  init->add_option("--http-listen", raw.http_listen,
                   "Where enrolment, metrics and API are (default: [::]:8443)")
      ->type_name("ADDRESS");
  init->add_option("--trust-domain", command.initial.trust_domain,
                   "In the agents' certificates: spiffe://DOMAIN/host/ID")
      ->type_name("DOMAIN")
      ->capture_default_str();
  add_verb(init, command, Verb::kInit);
}

void add_backups(CLI::App& app, CommandLine& command) {
  CLI::App* backup = app.add_subcommand("backup", "Store, CA and configuration, encrypted");
  backup->add_option("--out", command.backup.out, "The file to write; it must be new")
      ->check(CLI::Validator(check_file_name, ""))
      ->type_name("FILE")
      ->required();
  add_common(backup, command);
  add_verb(backup, command, Verb::kBackup);
  CLI::App* restore = app.add_subcommand("restore", "A state directory out of a backup");
  restore->add_option("--in", command.restore.backup, "The backup")
      ->check(CLI::Validator(check_file_name, ""))
      ->type_name("FILE")
      ->required();
  restore->add_option("--state-directory", command.restore.directory, "The directory to make")
      ->check(CLI::Validator(check_file_name, ""))
      ->type_name("DIR")
      ->required();
  restore->add_flag("--replace", command.restore.replace,
                    "Put it in the place of what is there, which is kept aside");
  restore
      ->add_option("--revocations", command.restore.revocations,
                   "The file `revocations` of the collector that was lost")
      ->type_name("FILE");
  restore->add_flag("--nobody-revoked-since-backup", command.restore.nobody_revoked_since,
                    "There is no such file, and nobody was revoked or removed since");
  add_verb(restore, command, Verb::kRestore);
  for (CLI::App* verb : {backup, restore}) {
    verb->add_option("--passphrase-file", command.backup.passphrase_file,
                     "A file whose first line is the passphrase; -: stdin")
        ->type_name("FILE")
        ->required();
  }
}

void understand(const Raw& raw, CommandLine& command) {
  command.format = raw.format == "json" ? OutputFormat::kJson : OutputFormat::kTable;
  command.token.ttl = parse_duration(raw.ttl).value_or(command.token.ttl);
  for (const std::string& label : raw.labels) {
    const size_t equals = label.find('=');
    command.token.labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  command.initial.names =
      raw.names.empty() ? std::vector<std::string>{own_name(), "localhost", "127.0.0.1", "::1"}
                        : raw.names;
  command.policy.at = parse_iso_date(raw.at);
  if (!command.policy.at) command.policy.at = parse_iso8601(raw.at);
  if (!raw.grpc_listen.empty()) command.initial.grpc_listen = raw.grpc_listen;
  if (!raw.http_listen.empty()) command.initial.http_listen = raw.http_listen;
}

}  // namespace

std::variant<CommandLine, Exit> parse_command_line(int argc, char** argv) {
  CommandLine command;
  Raw raw;
  CLI::App app("Judges a fleet's hosts against a policy and shows how they stand.",
               "muster-collector");
  app.footer(kExamples);
  app.set_version_flag("--version", fmt::format("muster-collector {}", kVersion));
  app.require_subcommand(0, 1);
  app.add_flag("--check-config", raw.check_config, "Check the configuration and end");
  add_common(&app, command);
  add_init(app, command, raw);
  CLI::App* serve = app.add_subcommand("serve", "Run the collector");
  add_common(serve, command);
  serve->add_flag("--check-config", raw.check_config, "Check the configuration and end");
  add_verb(serve, command, Verb::kServe);
  add_tokens(app, command, raw);
  add_hosts(app, command, raw);
  add_updates(app, command, raw);
  add_expiry(app, command);
  add_targets(app, command, raw);
  add_policies(app, command, raw);
  add_explain(app, command, raw);
  add_authorities(app, command, raw);
  add_backups(app, command);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty() && !raw.check_config) {
      throw CLI::RequiredError("A verb");
    }
  } catch (const CLI::ParseError& error) {
    // CLI11 ends with 105 and the like; scripts know 64.
    return Exit{app.exit(error) == 0 ? 0 : kUsage};
  }
  understand(raw, command);
  if (raw.check_config) command.verb = Verb::kCheckConfig;
  return command;
}

}  // namespace muster::collector
