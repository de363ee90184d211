// The verb `expiry` of muster-collector. One thread; calls block.
#pragma once

#include <string>
#include <vector>

#include "collector/admin/verbs.h"

namespace muster::collector {

// What `expiry` shows, as the API's parameters are written; empty: what the API does without.
struct ExpiryChoice {
  std::string within;
  std::string after;
  // None: all, of a table all but agents' certificates.
  std::vector<std::string> kinds;
  std::vector<std::string> owners;
  std::vector<std::string> labels;
  // "table", "json", "ics", "csv".
  std::string format = "table";
};

// Writes to stdout and returns the exit status.
int show_expiry(const Config& config, const Clock& clock, const ExpiryChoice& choice,
                const TerminalStyle& style);

}  // namespace muster::collector
