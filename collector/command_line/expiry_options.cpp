#include "collector/command_line/options.h"
#include "collector/expiry/expiry_kind.h"

namespace muster::collector {

void add_expiry(CLI::App& app, CommandLine& command) {
  std::vector<std::string> kinds;
  for (const ExpiryKindRow& row : all_expiry_kinds())
    kinds.emplace_back(row.name);
  ExpiryChoice& choice = command.expiry;
  CLI::App* expiry = app.add_subcommand("expiry", "What ends when, and what has ended");
  expiry->add_option("--within", choice.within, "How far ahead, to 3653d (default: 90d)")
      ->type_name("DURATION");
  expiry
      ->add_option("--after", choice.after,
                   "Only what ends from then on: now, a date, a time (default: what has ended and "
                   "is still there, too)")
      ->type_name("TIME");
  expiry
      ->add_option(
          "--kind", choice.kinds,
          "Only these kinds; again for more (default: all; of a table and an iCalendar all but "
          "agent-certificate)")
      ->check(CLI::IsMember(kinds))
      ->type_name("KIND");
  expiry->add_option("--owner", choice.owners, "Only what this team answers for; again for more")
      ->type_name("TEAM");
  expiry
      ->add_option("--label", choice.labels, "NAME=VALUE of the hosts and targets; again for more")
      ->type_name("LABEL");
  expiry
      ->add_option("--format", choice.format,
                   "table, json, ics (an iCalendar) or csv (for a spreadsheet)")
      ->check(CLI::IsMember({"table", "json", "ics", "csv"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  add_common(expiry, command);
  add_verb(expiry, command, Verb::kExpiry);
}

}  // namespace muster::collector
