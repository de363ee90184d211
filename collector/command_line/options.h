// The options of muster-collector's verbs by family, and what these have in common: between cli.cpp
// and the files beside this one, of nobody else.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "collector/cli.h"

namespace muster::collector {

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
  bool missing_hosts = false;
  std::string at;
};

// --config and --format.
void add_common(CLI::App* app, CommandLine& command);
void add_format(CLI::App* app, Raw& raw);
// That the verb was given.
void add_verb(CLI::App* app, CommandLine& command, Verb verb);
// For options that name a file.
std::string check_file_name(const std::string& text);

// fleet_options.cpp: token, host, updates, ca.
void add_tokens(CLI::App& app, CommandLine& command, Raw& raw);
void add_hosts(CLI::App& app, CommandLine& command, Raw& raw);
void add_updates(CLI::App& app, CommandLine& command, Raw& raw);
void add_authorities(CLI::App& app, CommandLine& command, Raw& raw);
// expiry_options.cpp: expiry.
void add_expiry(CLI::App& app, CommandLine& command);
// target_options.cpp: target.
void add_targets(CLI::App& app, CommandLine& command, Raw& raw);
// policy_options.cpp: policy, explain.
void add_policies(CLI::App& app, CommandLine& command, Raw& raw);
void add_explain(CLI::App& app, CommandLine& command, Raw& raw);

}  // namespace muster::collector
