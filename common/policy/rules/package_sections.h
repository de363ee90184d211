// The package managers of a host, for the rules about packages: which have facts that can be
// judged, and what to say of the others. A host may have several (apt, and rpm for its containers).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/package_facts_view.h"
#include "common/policy/rules.h"

namespace muster::policy {

// Every package manager has a probe of its own: "packages-apt".
inline constexpr std::string_view kPackageProbes = "packages-";

// Judges one package manager's facts; `manager` is the last part of the probe's name ("apt").
using JudgeManager = std::function<void(const PackageFactsView& facts, const std::string& manager,
                                        TimePoint holds_until, RuleOutput& output)>;

// Runs `judge` on every package manager that applies and whose facts are fresh. One that does not
// apply is a subject of its own; one that could not look makes the host itself unknown, because
// which packages it would have named cannot be told. So does a host to which none applies: it has
// a package manager that no probe knows, and "nothing waits" would be a guess. So no subject
// changes its name when another manager comes or goes.
RuleOutput judge_package_managers(const RuleInput& input, const JudgeManager& judge);

}  // namespace muster::policy
