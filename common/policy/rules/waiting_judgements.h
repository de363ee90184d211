// What the rules about security updates that wait have in common: how a source package that waits
// is judged, and what is said where none does, or where not everything is seen. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "common/policy/rules/package_sections.h"
#include "common/policy/rules/waiting_sources.h"

namespace muster::policy {

// Over all package managers of a host; of subjects.
struct WaitingTally {
  // Those that close security holes, and how many of these an upgrade would not install.
  std::vector<std::string> open;
  size_t not_installable = 0;
  // Those of which nobody tells.
  std::vector<std::string> not_told;
  // Of a package manager not everything is seen: that says more than a count.
  bool is_blind = false;
};

// Unmet where it is for security, unknown where nobody tells.
void judge_waiting_source(const WaitingSource& source, TimePoint holds_until, RuleOutput& output,
                          WaitingTally& tally);

// Where the rules differ.
struct WaitingRule {
  // Judges what waits of one package manager.
  void (*judge)(const PackageFactsView& facts, TimePoint holds_until, RuleOutput& output,
                WaitingTally& tally);
  // The sentence where nothing was judged.
  std::string (*none)(const PackageFactsView& facts);
  // Empty: the judgements say enough.
  std::string (*summary)(const WaitingTally& tally);
};

RuleOutput judge_waiting(const RuleInput& input, const WaitingRule& rule);

}  // namespace muster::policy
