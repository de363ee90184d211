#include "collector/cli.h"

#include <fmt/format.h>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <array>
#include <utility>

#include "collector/identity/certificate_builder.h"
#include "common/duration.h"
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
  muster-collector policy check policy.yml
  muster-collector ca status
  muster-collector backup --out backup.muster --passphrase-file FILE
  muster-collector --check-config --config collector.yml)";

// What CLI11 fills before it is understood.
struct Raw {
  std::string ttl = "1h";
  std::vector<std::string> labels;
  std::string format = "table";
  std::vector<std::string> names;
  std::vector<std::string> grpc_listen;
  std::vector<std::string> http_listen;
  bool check_config = false;
  bool show_default = false;
};

// The name of this machine, where it is one that a certificate can have.
std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return server_alternative_name(name.data()).ok() ? name.data() : "localhost";
}

std::string check_duration(const std::string& text) {
  const absl::StatusOr<Duration> duration = parse_duration(text);
  return duration.ok() ? "" : std::string(duration.status().message());
}

// An unset variable of a script must not mean the usual places.
std::string check_file_name(const std::string& text) {
  return text.empty() ? "the name of a file is empty" : "";
}

std::string check_label(const std::string& text) {
  const size_t equals = text.find('=');
  return equals != std::string::npos && equals > 0 ? "" : "a label is NAME=VALUE, as in role=web";
}

void add_common(CLI::App* app, CommandLine& command) {
  app->add_option(
         "--config", command.config_path,
         fmt::format("The collector's configuration (default: {} if there is one, else {})",
                     kSystemConfigPath, kInitConfigPath))
      ->check(CLI::Validator(check_file_name, ""))
      ->type_name("FILE");
}

void add_format(CLI::App* app, Raw& raw) {
  app->add_option("--format", raw.format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
}

void add_verb(CLI::App* app, CommandLine& command, Verb verb) {
  app->callback([&command, verb] { command.verb = verb; });
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

void add_tokens(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* token = app.add_subcommand("token", "Join tokens")->require_subcommand(1);
  CLI::App* create = token->add_subcommand("create", "Make a token, and show how to use it");
  create->add_option("--ttl", raw.ttl, "How long it can be used, to 30d")
      ->check(CLI::Validator(check_duration, ""))
      ->type_name("DURATION")
      ->capture_default_str();
  create->add_option("--uses", command.token.uses, "How many hosts can join with it")
      ->check(CLI::Range(1, 100'000))
      ->type_name("COUNT")
      ->capture_default_str();
  create->add_option("--label", raw.labels, "NAME=VALUE of the hosts that join; again for more")
      ->check(CLI::Validator(check_label, ""))
      ->type_name("LABEL");
  create
      ->add_option("--host", command.token.host,
                   "The only host that can join with it. It gets exactly this name; one that is "
                   "there already is bound to the newcomer's key, and keeps its labels")
      ->type_name("NAME");
  add_common(create, command);
  add_format(create, raw);
  add_verb(create, command, Verb::kTokenCreate);
  CLI::App* list = token->add_subcommand("list", "Tokens that can still be used");
  add_common(list, command);
  add_format(list, raw);
  add_verb(list, command, Verb::kTokenList);
  CLI::App* revoke = token->add_subcommand("revoke", "End a token before its time");
  revoke->add_option("ID", command.argument, "As `token list` shows it, never the token itself")
      ->required();
  add_common(revoke, command);
  add_format(revoke, raw);
  add_verb(revoke, command, Verb::kTokenRevoke);
}

void add_host_changes(CLI::App& host, CommandLine& command, Raw& raw) {
  CLI::App* revoke = host.add_subcommand("revoke", "Refuse a host from now on, for good");
  CLI::App* release = host.add_subcommand("release", "End the quarantine of a host");
  CLI::App* rename = host.add_subcommand("rename", "Give a host another name");
  CLI::App* remove = host.add_subcommand("remove", "Forget a host, and refuse its certificates");
  for (CLI::App* change : {revoke, release, rename, remove})
    change->add_option("NAME", command.host_change.host, "The host's name")->required();
  for (CLI::App* change : {revoke, release, remove}) {
    change->add_option("--reason", command.host_change.reason, "Why, for the log; to 200 bytes")
        ->type_name("TEXT");
  }
  rename->add_option("NEW", command.host_change.new_name, "Its name from now on")->required();
  for (const auto& [change, verb] :
       {std::pair(revoke, Verb::kHostRevoke), std::pair(release, Verb::kHostRelease),
        std::pair(rename, Verb::kHostRename), std::pair(remove, Verb::kHostRemove)}) {
    add_common(change, command);
    add_format(change, raw);
    add_verb(change, command, verb);
  }
}

void add_hosts(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* host = app.add_subcommand("host", "Hosts of the fleet")->require_subcommand(1);
  CLI::App* list = host->add_subcommand("list", "All hosts and how they stand");
  add_common(list, command);
  add_format(list, raw);
  add_verb(list, command, Verb::kHostList);
  CLI::App* show = host->add_subcommand("show", "One host: verdicts, reasons, probes");
  show->add_option("NAME", command.argument, "The host's name")->required();
  add_common(show, command);
  add_format(show, raw);
  add_verb(show, command, Verb::kHostShow);
  add_host_changes(*host, command, raw);
}

void add_policies(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* policy =
      app.add_subcommand("policy", "What is required of hosts")->require_subcommand(1);
  CLI::App* show = policy->add_subcommand("show", "The policy in force");
  show->add_flag("--default", raw.show_default, "The built-in one instead");
  add_common(show, command);
  show->callback([&command, &raw] {
    command.verb = raw.show_default ? Verb::kPolicyShowDefault : Verb::kPolicyShow;
  });
  CLI::App* check = policy->add_subcommand("check", "Whether a policy file is good");
  check->add_option("FILE", command.argument, "The file")->required();
  add_verb(check, command, Verb::kPolicyCheck);
}

void add_authorities(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* ca =
      app.add_subcommand("ca", "The fleet's CA, and its rotation")->require_subcommand(1);
  CLI::App* status = ca->add_subcommand("status", "The CAs, and which hosts trust them");
  CLI::App* prepare = ca->add_subcommand("prepare", "Make the next CA, and have agents trust it");
  CLI::App* activate = ca->add_subcommand("activate", "Sign with the next CA");
  CLI::App* retire = ca->add_subcommand("retire", "Drop the CA that does not sign, and its key");
  activate
      ->add_option("--sha256", command.ca_change.sha256,
                   "The fingerprint of the CA that is to sign (default: the newest)")
      ->type_name("HEX");
  for (CLI::App* change : {activate, retire}) {
    change->add_flag("--force", command.ca_change.force,
                     "Although hosts are not ready: they must be enrolled anew");
  }
  for (const auto& [verb, value] :
       {std::pair(status, Verb::kCaStatus), std::pair(prepare, Verb::kCaPrepare),
        std::pair(activate, Verb::kCaActivate), std::pair(retire, Verb::kCaRetire)}) {
    add_common(verb, command);
    add_format(verb, raw);
    add_verb(verb, command, value);
  }
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
  add_policies(app, command, raw);
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
