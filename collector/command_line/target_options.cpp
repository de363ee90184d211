#include "collector/command_line/options.h"

namespace muster::collector {

void add_targets(CLI::App& app, CommandLine& command) {
  CLI::App* target =
      app.add_subcommand("target", "What is looked at from outside")->require_subcommand(1);
  CLI::App* check = target->add_subcommand("check", "Whether the lists of targets are good");
  check->add_option("FILE", command.target_files,
                    "Lists of targets, or globs of them (default: those of the configuration)");
  add_common(check, command);
  add_verb(check, command, Verb::kTargetCheck);
}

}  // namespace muster::collector
