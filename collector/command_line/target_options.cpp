#include "collector/command_line/options.h"

namespace muster::collector {

void add_targets(CLI::App& app, CommandLine& command, Raw& raw) {
  CLI::App* target =
      app.add_subcommand("target", "What is looked at from outside")->require_subcommand(1);
  CLI::App* list = target->add_subcommand("list", "All targets, how they stand and who looks");
  list->add_option("--status", command.target_choice.status, "Only those that stand so")
      ->check(CLI::IsMember({"pass", "waived", "due", "unknown", "fail", "not_applicable"}))
      ->type_name("STATUS");
  list->add_flag("--missing", command.target_choice.missing, "Those that nobody looks at, and why");
  add_common(list, command);
  add_format(list, raw);
  add_verb(list, command, Verb::kTargetList);
  CLI::App* show = target->add_subcommand("show", "One target: verdicts, reasons, last look");
  show->add_option("NAME", command.argument, "Its name; of a host's own, HOST/NAME")->required();
  add_common(show, command);
  add_format(show, raw);
  add_verb(show, command, Verb::kTargetShow);
  CLI::App* check = target->add_subcommand("check", "Whether the lists of targets are good");
  check->add_option("FILE", command.target_files,
                    "Lists of targets, or globs of them (default: those of the configuration)");
  add_common(check, command);
  add_verb(check, command, Verb::kTargetCheck);
}

}  // namespace muster::collector
