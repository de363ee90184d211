// The package managers of a host, for the rules about packages: which have facts that can be
// judged, and what to say of the others. A host may have several (apt, and rpm for its containers).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::policy {

// Judges one package manager's facts. `prefix` goes before every subject: empty where there is one
// manager, else "apt/".
using JudgeManager = std::function<void(const v1::PackageFacts& facts, const std::string& prefix,
                                        TimePoint holds_until, RuleOutput& output)>;

// Runs `judge` on every package manager that applies and whose facts are fresh; the judgements of
// the others are in the output. Not applicable only if that is so of every manager.
RuleOutput judge_package_managers(const RuleInput& input, const JudgeManager& judge);

}  // namespace muster::policy
