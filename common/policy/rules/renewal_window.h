// How long before its end something that lasts for a time is to be replaced: a certificate in a
// file, one that is served, a revocation list. Pure; any thread.
#pragma once

#include <string_view>

#include "common/policy/rules.h"

namespace muster::policy {

// From when to when something is good, and what it is called in a sentence.
struct Lifetime {
  std::string_view name;
  TimePoint begins;
  // The first moment in which it is no longer good.
  TimePoint ends;
};

// The shorter of the control's renew_before and last_fraction of the lifetime.
Duration renewal_window(const Lifetime& lifetime, const RuleInput& input);

// Met before the window, unmet in it with half of it as the deadline; not applicable once it has
// ended, which is another rule's matter. Without a subject.
Judgement judge_renewal(const Lifetime& lifetime, const RuleInput& input);

}  // namespace muster::policy
