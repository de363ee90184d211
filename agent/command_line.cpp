#include "agent/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "agent/privileges.h"
#include "common/version.h"

namespace muster::agent {
namespace {

constexpr int kUsageError = 64;

void add_probe_options(CLI::App& verb, std::string& probe_user, bool& require_sandbox) {
  verb.add_option("--probe-user", probe_user,
                  fmt::format("Whom probes run as when root starts it [{}]", kProbeUser));
  verb.add_flag("--require-sandbox", require_sandbox,
                "End rather than run probes without a part of their sandbox");
}

void add_run(CLI::App& app, RunArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("run", "Look and report until a signal ends it");
  verb.add_option("--config", arguments.config, "Configuration")->capture_default_str();
  verb.add_flag("--check-config", arguments.check_config, "Say whether the configuration is good");
  verb.add_option(
      "--user", arguments.user,
      fmt::format("Whom it becomes when root starts it: a name or a number [{}]", kAgentUser));
  add_probe_options(verb, arguments.probe_user, arguments.require_sandbox);
  verb.add_option("--launcher-socket", arguments.launcher_socket,
                  "Where a launcher listens that systemd started; else it starts its own");
  verb.footer(
      "SIGHUP reads the configuration again; a wrong one leaves the old one running. SIGTERM "
      "ends.\n\n"
      "Started by root, it starts muster-launcher, which alone keeps privileges and starts probes, "
      "and\n"
      "becomes user muster, to whom it gives the state directory. Its configuration must then be "
      "root's,\n"
      "and stays so.\n"
      "Started by another user it sees only what that user may.\n\n"
      "Configuration (only `collectors` is required):\n"
      "  collectors: ['collector.example.org:8433', '[2001:db8::1]:8433']\n"
      "  state_directory: /var/lib/muster-agent\n"
      "  identity: {certificate: FILE, key: FILE, ca: FILE}   # of others, who renew them, too\n"
      "  enrolment: https://collector.example.org:8443   # renews what expired while it was off\n"
      "  sync_interval: 60s\n"
      "  labels: {rack: b12}                            # facts; no policy selects by them\n"
      "  proxy: http://proxy.example.org:3128\n"
      "  probe_directory: DIRECTORY\n"
      "  log_level: info                # debug, info, warning, error\n"
      "  probes:\n"
      "    packages-apt: {enabled: true, interval: 15m, timeout: 2m}\n"
      "    certificates: {paths: ['/srv/tls/*.pem'], default_paths: true}\n"
      "  # What a collector may have it look at; nothing by default\n"
      "  targets:\n"
      "    allow: [{networks: [192.0.2.0/24], names: ['*.example.org'], ports: [443], kinds: "
      "[tcp]}]\n"
      "    # What it looks at for this host\n"
      "    own: [{name: postgresql, kind: tcp, address: '127.0.0.1:5432', interval: 1m, timeout: "
      "10s}]\n"
      "    looks_per_second: 100\n"
      "    looks_per_address_per_second: 5\n\n"
      "Exit status: 0 ended by a signal, 64 wrong usage, 73 the state directory cannot be used,\n"
      "77 a part of the sandbox is missing and required, 78 the configuration is wrong (or who it\n"
      "should become is not there, or could not be).\n\n"
      "Examples:\n  muster-agent run\n  muster-agent run --config agent.yml --check-config");
}

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

void add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("check", "Look at this host once and judge what is seen");
  CLI::Option& root =
      *verb.add_option("--root", arguments.root, "Look at a mounted image or chroot instead");
  verb.add_option("--format", arguments.format, "table, json or prometheus")
      ->check(CLI::IsMember({"table", "json", "prometheus"}));
  CLI::Option& policy = *verb.add_option(
      "--policy", arguments.policy,
      "Judge by this file, or this directory of *.yml, instead of the built-in one");
  CLI::Option& leaves =
      *verb.add_flag("--show-what-leaves", arguments.show_what_leaves,
                     "Show what an agent of this host would send, and judge nothing")
           ->excludes(&policy);
  verb.add_option("--targets", arguments.targets,
                  "Look at the targets of these files or globs, as of targets.d, instead of this "
                  "host; again for more")
      ->type_name("FILE")
      ->excludes(&policy)
      ->excludes(&leaves)
      ->excludes(&root);
  add_probe_options(verb, arguments.probe_user, arguments.require_sandbox);
  verb.footer(
      "It needs no collector and no configuration. Without root it says what it could not see.\n"
      "Since when something is unmet, the next check knows: it is kept in $XDG_STATE_HOME/muster\n"
      "(~/.local/state/muster), as root in /var/lib/muster-check, unless XDG_STATE_HOME names a\n"
      "place where root alone may put anything; not with --root.\n\n"
      "Exit status: 0 all controls pass (or are due: unmet, within their deadline), 1 a control\n"
      "fails, 2 a control cannot be told and none fails, 64 wrong usage. With --targets: 0 all "
      "answer,\n"
      "1 one does not, 2 one could not be looked at and all others answer.\n\n"
      "Examples:\n  muster-agent check\n  muster-agent check --root /mnt/image\n"
      "  muster-agent check --targets targets.d/*.yml     # wherever it leads: targets.allow is\n"
      "                                                   # for what a collector assigns\n"
      "  muster-agent check --show-what-leaves | less\n"
      "  muster-agent check --format json | jq '.verdicts[] | select(.status != \"STATUS_PASS\")'\n"
      "  muster-agent check --format prometheus > /var/lib/prometheus/node-exporter/muster.prom");
}

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

void add_probes(CLI::App& app, ProbesArguments& arguments) {
  CLI::App& verb =
      *app.add_subcommand("probes", "List the probes: what each may read and do, and how long");
  verb.add_option("--format", arguments.format, "table, markdown or json")
      ->check(CLI::IsMember({"table", "markdown", "json"}));
  verb.footer(
      "The same list is what the launcher enforces. agent.yml may change how often a probe looks "
      "and how\n"
      "long it may take (at most 1h), switch it off, and name more paths for it to read.\n\n"
      "Examples:\n  muster-agent probes\n"
      "  muster-agent probes --format json | jq -r '.probes[] | .name, .readable[]'");
}

// For the launcher, which no person starts: not in the help.
void add_probe_requests(CLI::App& app, ProbeRequestsArguments& arguments) {
  CLI::App& verb = *app.add_subcommand("probe-requests", "For muster-launcher: agent.yml on stdin");
  verb.group("");
  verb.add_option("--root", arguments.root, "Below which probes look");
  verb.add_option("--name", arguments.name, "What the configuration is called in complaints");
  verb.add_flag("--no-settings", arguments.no_settings, "There is no configuration");
  verb.add_flag("--any-target", arguments.any_target, "Whatever the configuration allows");
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CLI::App app{"Reports what this host is and how it is patched, to a Muster collector."};
  app.name("muster-agent");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  muster-agent check                  judge this host, here and now\n"
      "  muster-agent enroll --help          join a collector\n"
      "  muster-agent status                 is the agent reporting?");
  RunArguments run;
  EnrolArguments enrol;
  CheckArguments check;
  StatusArguments status;
  ProbesArguments probes;
  ProbeRequestsArguments probe_requests;
  add_probes(app, probes);
  add_probe_requests(app, probe_requests);
  add_run(app, run);
  add_enrol(app, enrol);
  add_check(app, check);
  add_status(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 ends with statuses of its own, 100 and more.
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (app.got_subcommand("run")) return run;
  if (app.got_subcommand("enroll")) return enrol;
  if (app.got_subcommand("check")) return check;
  if (app.got_subcommand("probes")) return probes;
  if (app.got_subcommand("probe-requests")) return probe_requests;
  return status;
}

}  // namespace muster::agent
