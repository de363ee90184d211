// The words and the order of statuses and severities. Pure.
#pragma once

#include <span>
#include <string_view>

#include "muster/v1/fleet.pb.h"

namespace muster::policy {

// fail > unknown > due > waived > pass > not applicable.
v1::Status worse(v1::Status a, v1::Status b);

// Lower-case words, as in labels and tables: "pass", "not_applicable", "critical".
std::string_view status_name(v1::Status status);
std::string_view severity_name(v1::Severity severity);

// The worst status over all verdicts; NOT_APPLICABLE if there are none.
v1::Status worst_of(std::span<const v1::Verdict> verdicts);

}  // namespace muster::policy
