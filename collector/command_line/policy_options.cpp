#include <fmt/format.h>

#include "collector/command_line/options.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

std::string check_time(const std::string& text) {
  if (parse_iso_date(text) || parse_iso8601(text)) return "";
  return "a time is a date, as 2026-11-21, or in UTC, as 2026-11-21T20:58:43Z";
}

void add_live(CLI::App* verb, CommandLine& command, const std::string& help) {
  verb->add_flag("--against-live", command.policy.against_live, help);
}

void add_test(CLI::App& policy, CommandLine& command, Raw& raw) {
  CLI::App* test = policy.add_subcommand("test", "Run a policy's tests; tell what it would change");
  test->add_option("PATH", command.policy.path,
                   "The policy: a directory, whose *_test.yml are its tests, or a file x.yml with "
                   "x_test.yml")
      ->check(CLI::Validator(check_file_name, ""))
      ->required();
  add_live(test, command, "Ask the collector what the policy would change on its fleet");
  test->add_option("--at", raw.at,
                   "The tests run at that time, and the fleet is judged as it will be then if "
                   "hosts go on as they do: a date, or a time in UTC")
      ->check(CLI::Validator(check_time, ""))
      ->type_name("TIME");
  test->add_option("--diff", command.policy.old_path,
                   "Another policy: tell what differs from it, and with --against-live whose "
                   "verdicts differ between the two")
      ->check(CLI::Validator(check_file_name, ""))
      ->type_name("OLD");
  add_common(test, command);
  add_format(test, raw);
  add_verb(test, command, Verb::kPolicyTest);
}

}  // namespace

void add_policies(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* policy =
      app.add_subcommand("policy", "What is required of hosts")->require_subcommand(1);
  CLI::App* show = policy->add_subcommand("show", "The policy in force");
  show->add_flag("--default", raw.show_default, "The built-in one instead");
  add_common(show, command);
  show->callback([&command, &raw] {
    command.verb = raw.show_default ? Verb::kPolicyShowDefault : Verb::kPolicyShow;
  });
  CLI::App* check = policy->add_subcommand("check", "Whether a policy is good");
  check->add_option("PATH", command.policy.path, "A file, or a directory of them")->required();
  add_live(check, command, "Ask the collector which selectors select none of its hosts");
  add_common(check, command);
  add_verb(check, command, Verb::kPolicyCheck);
  add_test(*policy, command, raw);
}

void add_explain(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* explain =
      app.add_subcommand("explain", "Why a host or target stands with a control so, in prose");
  explain->add_flag("--target", command.explain.of_target, "The name is that of a target");
  explain->add_option("HOST", command.explain.host, "The host's name, or the target's")->required();
  explain->add_option("CONTROL", command.explain.control, "The control's id, as in the policy")
      ->required();
  add_common(explain, command);
  add_format(explain, raw);
  add_verb(explain, command, Verb::kExplain);
}

}  // namespace muster::collector
