#include <fmt/format.h>

#include "collector/command_line/options.h"

namespace muster::collector {

// An unset variable of a script must not mean the usual places.
std::string check_file_name(const std::string& text) {
  return text.empty() ? "the name of a file is empty" : "";
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

}  // namespace muster::collector
