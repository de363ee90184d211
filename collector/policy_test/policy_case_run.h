// Judging what a test of a policy gives, and comparing with what it expects. Pure; any thread.
#pragma once

#include "collector/policy_test/policy_case.h"
#include "common/policy/policy.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

v1::PolicyTestResult run_policy_case(const PolicyCase& test, const policy::Policy& policy);

}  // namespace muster::collector
