// How the tests of a policy ended, for a terminal. Pure; any thread.
#pragma once

#include <string>

#include "common/terminal_text.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// Tests that did not hold, with what was expected, what came and why; then the count.
std::string policy_test_text(const v1::PolicyTestReport& report, const TerminalStyle& style);

}  // namespace muster::collector
