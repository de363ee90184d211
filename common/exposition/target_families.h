// The families about targets, by name, in the order in which they are written. docs/metrics.md is
// their contract; a test holds the two together.
#pragma once

#include <array>
#include <cstddef>

#include "common/exposition/family_set.h"

namespace muster::exposition {

// Index of a family in kTargetFamilies.
enum TargetFamily : size_t {
  kTargetInfo,
  kTargetLabels,
  kTargetMaintenance,
  kTargetObserved,
  kTargetLastLook,
  kTargetHolder,
  kTargetControlStatus,
  kTargetControlDeadline,
  kTargetTcpConnected,
  kTargetTcpConnectDuration,
  kTargetFamilyCount,
};

inline constexpr std::array<Family, kTargetFamilyCount> kTargetFamilies{{
    {"muster_target_info", MetricType::kInfo, "What kind of target it is, and where it is."},
    {"muster_target_labels_info", MetricType::kInfo,
     "The labels of the target that the policy knows, and who answers for it."},
    {"muster_target_maintenance", MetricType::kGauge,
     "1 while the target is in a maintenance window of the policy."},
    {"muster_target_observed", MetricType::kGauge,
     "1 while looks at the target are made, 0 if none came for too long or the last could not be "
     "made."},
    {"muster_target_last_look_timestamp_seconds", MetricType::kGauge,
     "When somebody last looked at the target, with success or without; absent if never."},
    {"muster_target_holder", MetricType::kGauge,
     "1 for the host whose agent looks at the target; absent where none does."},
    {"muster_target_control_status", MetricType::kGauge,
     "1 for how the target stands with a control of the policy: its worst subject."},
    {"muster_target_control_deadline_timestamp_seconds", MetricType::kGauge,
     "The earliest deadline of what is not met; absent where nothing has one."},
    {"muster_target_tcp_connected", MetricType::kGauge,
     "1 if the last look made a connection, 0 if it was refused, timed out or had nowhere to go."},
    {"muster_target_tcp_connect_duration_seconds", MetricType::kGauge,
     "How long the last look took to connect; absent where none was made."},
}};

constexpr bool is_moving_of_target(size_t family) {
  return family == kTargetLastLook || family == kTargetTcpConnectDuration;
}

// All of them are few.
inline constexpr FamilySet kTargetFamilySet{.label = "target",
                                            .families = kTargetFamilies,
                                            .is_moving = is_moving_of_target,
                                            .always_written = kTargetFamilyCount};

}  // namespace muster::exposition
