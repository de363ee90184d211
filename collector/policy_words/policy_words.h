// What a policy says, in words for people: selectors, parameters, deadlines. Pure; any thread.
#pragma once

#include <string>

#include "common/policy/policy.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {

// "every host", or what all must match: "hosts web*, with the label role=web or role=mail, in the
// group dmz, not (hosts web9)".
std::string selector_words(const policy::Policy& policy, const policy::Selector& selector);

// As a policy file writes it: "30d", "0.34", "5", "true", "[path /proc, path /sys]"; "none" of no
// globs.
std::string value_words(const policy::Parameter& parameter, const policy::ParameterValue& value);

// "14d", or by severity: "critical 2d, high 7d, medium 30d, low 90d"; "none": it fails at once.
std::string deadlines_words(const policy::Deadlines& deadlines);

v1::ControlDescription describe_control(const policy::Policy& policy,
                                        const policy::Control& control);
v1::WaiverDescription describe_waiver(const policy::Waiver& waiver);

}  // namespace muster::collector
