// What `muster-agent check` says beside the verdicts: who was looked at, and what could not be
// seen. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/policy/first_seen.h"
#include "common/section_state.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {

struct HostNames {
  // The fully qualified name if there is one, else the host name, else "localhost".
  std::string name;
  // "Debian GNU/Linux 12 (bookworm)"; empty if nothing says.
  std::string os;
};
HostNames host_names(std::span<const SectionState> sections);

// One sentence for each probe that could not look (unless a verdict says so already), those of
// products (product_notes.h), then one that names what could not be read and says what helps. Empty
// if everything was seen.
std::vector<std::string> check_notes(std::span<const SectionState> sections,
                                     std::span<const v1::Verdict> verdicts, bool runs_as_root);

// What earlier checks left.
struct Remembered {
  policy::FirstSeen first_seen = {};
  // Why nothing is remembered, so that ages are not known; empty: they are.
  std::string unknown_because = {};
  // No check has remembered before.
  bool is_first = false;
  // What an operator should know of the memory itself.
  std::string note = {};
};

// From when on the deadlines above count; empty where there are none.
std::string age_note(std::span<const v1::Verdict> verdicts, const Remembered& remembered);

}  // namespace muster::agent
