// What of the verdicts an operator of this host can act on, for the sentences that `muster-agent
// check` ends with. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// Of a subject's reason, in bytes.
inline constexpr size_t kShownReason = 500;

// The subjects of all controls with that rule that are due or fail, each once.
std::vector<const v1::SubjectVerdict*> unmet_of(std::span<const v1::Verdict> verdicts,
                                                std::string_view rule);
// Those of which it is not known.
std::vector<const v1::SubjectVerdict*> unknown_of(std::span<const v1::Verdict> verdicts,
                                                  std::string_view rule);

// Whether the summary of one, or the reason of one of its subjects, has that in it.
bool is_said(std::string_view text, std::span<const v1::Verdict> verdicts);

// With a capital and a full stop.
std::string sentence(std::string text);

}  // namespace muster::agent
