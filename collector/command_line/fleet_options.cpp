#include <utility>

#include "collector/command_line/options.h"
#include "common/duration.h"

namespace muster::collector {
namespace {

std::string check_duration(const std::string& text) {
  const absl::StatusOr<Duration> duration = parse_duration(text);
  return duration.ok() ? "" : std::string(duration.status().message());
}

std::string check_label(const std::string& text) {
  const size_t equals = text.find('=');
  return equals != std::string::npos && equals > 0 ? "" : "a label is NAME=VALUE, as in role=web";
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

}  // namespace

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

void add_hosts(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* host = app.add_subcommand("host", "Hosts of the fleet")->require_subcommand(1);
  CLI::App* list = host->add_subcommand("list", "All hosts and how they stand");
  add_common(list, command);
  add_format(list, raw);
  list->add_flag("--missing", raw.missing_hosts,
                 "Hosts of the inventory that are not enrolled, instead");
  list->callback([&command, &raw] {
    command.verb = raw.missing_hosts ? Verb::kHostListMissing : Verb::kHostList;
  });
  CLI::App* show = host->add_subcommand("show", "One host: verdicts, reasons, probes");
  show->add_option("NAME", command.argument, "The host's name")->required();
  add_common(show, command);
  add_format(show, raw);
  add_verb(show, command, Verb::kHostShow);
  CLI::App* updates = host->add_subcommand("updates", "The updates that wait on one host");
  updates->add_option("NAME", command.argument, "The host's name")->required();
  add_common(updates, command);
  add_format(updates, raw);
  add_verb(updates, command, Verb::kHostUpdates);
  add_host_changes(*host, command, raw);
}

void add_updates(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* updates = app.add_subcommand("updates", "Which update is missing on how many hosts");
  updates->add_flag("--security", command.update_choice.security,
                    "Only those for security, and those of which it is not told");
  updates
      ->add_option("--manager", command.update_choice.manager,
                   "Only those of this package manager: apt, rpm, apk")
      ->check(CLI::IsMember({"apt", "rpm", "apk"}))
      ->type_name("MANAGER");
  add_common(updates, command);
  add_format(updates, raw);
  add_verb(updates, command, Verb::kUpdates);
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

}  // namespace muster::collector
