// The labels of a host that metrics show and that compliance is counted by: always site, role,
// environment and owner, then what else the policy declares. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/text_format.h"
#include "common/labels.h"
#include "common/policy/host_scope.h"
#include "common/policy/policy.h"

namespace muster::collector {

// Without names that a sample has of its own or that Prometheus gives (host, instance, job, …).
// They live as long as the policy.
std::vector<std::string_view> shown_label_names(const policy::Policy& policy);

// Who answers for a host: the team that the policy names, else the label `owner`; "": nobody. It
// lives as long as both.
std::string_view owner_of(const policy::Policy& policy, std::optional<uint32_t> owner,
                          const Labels& labels);

// The values of a host, "" for a label that it has not, as they are: neither cut nor escaped. They
// live as long as policy and labels.
std::vector<exposition::Label> shown_labels(const policy::Policy& policy,
                                            std::optional<uint32_t> owner, const Labels& labels);

}  // namespace muster::collector
