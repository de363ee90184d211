// `muster-agent check`: every probe once, judged by a policy, shown here and now. No collector, no
// configuration, no privilege.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "agent/launcher/launcher_link.h"
#include "agent/output/check_notes.h"
#include "common/clock.h"
#include "common/policy/evaluation.h"
#include "common/section_state.h"
#include "common/terminal_text.h"

namespace muster::agent {

struct CheckOptions {
  enum class Format { kTable, kJson, kPrometheus };

  // Absolute: "/" for this host, else a mounted image or chroot.
  std::string root = "/";
  Format format = Format::kTable;
  // Not judged: what an agent would send is shown instead, as a table's text or as JSON.
  bool show_what_leaves = false;
  // Empty: the built-in policy.
  std::string policy_path;
  std::string probe_directory;
  // Where checks of this host remember since when something is unmet (check_memory_file.h); empty:
  // nowhere. Not used for another root, nor for what leaves.
  std::string memory_path;
  TerminalStyle style;
  // Whether probes see what only root may.
  bool runs_as_root = false;
  // Called after the policy was read; again should that launcher be lost.
  ConnectLauncher connect_launcher;
};

struct CheckReport {
  std::string text;
  // 0: all pass or are due. 1: something fails. 2: something cannot be told, and nothing fails.
  int exit_status = 2;
  // To remember until the next check.
  policy::FirstSeen first_seen = {};
};

// Runs every probe below the root, side by side, and waits for the last. With what leaves: and the
// agent's section about itself, as the last.
std::vector<SectionState> look_once(const CheckOptions& options, const Clock& clock);

// Judges and renders. Pure.
CheckReport report_check(const std::vector<SectionState>& sections, const policy::Policy& policy,
                         const CheckOptions& options, TimePoint now,
                         const Remembered& remembered = {});

// Both, with the policy that the options name. InvalidArgument or NotFound: the policy file is
// wrong or missing, or the root is no directory.
absl::StatusOr<CheckReport> check(const CheckOptions& options, const Clock& clock);

}  // namespace muster::agent
