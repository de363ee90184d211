// The verbs of muster-collector that look at or change a fleet: each writes to stdout and returns
// the exit status (0, or 1 with the error on stderr). One thread; calls block.
#pragma once

#include <map>
#include <string>

#include "collector/config.h"
#include "common/clock.h"
#include "common/terminal_text.h"

namespace muster::collector {

enum class OutputFormat { kTable, kJson };

// How a verb shows its answer.
struct Presentation {
  OutputFormat format = OutputFormat::kTable;
  TerminalStyle style;
};

struct TokenRequest {
  Duration ttl = std::chrono::hours(1);
  uint32_t uses = 1;
  std::map<std::string, std::string> labels;
  // The only host that may join with it; empty: any.
  std::string host = {};
};

int create_token(const Config& config, const Clock& clock, const TokenRequest& request,
                 const Presentation& presentation);
int list_tokens(const Config& config, const Clock& clock, const Presentation& presentation);
int list_hosts(const Config& config, const Clock& clock, const Presentation& presentation);
// Those of the inventory that are not enrolled, and what is wrong with its sources.
int list_missing_hosts(const Config& config, const Clock& clock, const Presentation& presentation);
int show_host(const Config& config, const Clock& clock, const std::string& name,
              const Presentation& presentation);

// The updates that wait on one host.
int show_host_updates(const Config& config, const Clock& clock, const std::string& name,
                      const Presentation& presentation);

// What `updates` shows.
struct UpdateChoice {
  // Without those that are not for security.
  bool security = false;
  // "apt"; empty: all.
  std::string manager;
};
int list_updates(const Config& config, const Clock& clock, const UpdateChoice& choice,
                 const Presentation& presentation);

// What `target list` shows.
struct TargetChoice {
  // "fail"; empty: all.
  std::string status;
  // Those that nobody looks at, with why.
  bool missing = false;
};
int list_targets(const Config& config, const Clock& clock, const TargetChoice& choice,
                 const Presentation& presentation);
int show_target(const Config& config, const Clock& clock, const std::string& name,
                const Presentation& presentation);

// The policy in force (as the running collector has it), or the built-in one.
int show_policy(const Config& config, const Clock& clock);
int show_default_policy();

// Prints "error: …" for an operator and returns 1.
int fail(const absl::Status& status);

}  // namespace muster::collector
