// Whether a report is within its bounds: everything that can be told without knowing the fleet.
// Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <optional>
#include <span>
#include <string_view>

#include "muster/v1/reporting.pb.h"

namespace muster::collector {

// Bounds of a report, the first of it as a message.
inline constexpr size_t kMessageLimit = 8 * 1024 * 1024;
inline constexpr int kMostVersions = 1024;
inline constexpr int kMostMeasurements = 256;
inline constexpr size_t kFactsLimit = 4 * 1024 * 1024;
inline constexpr size_t kReasonLimit = 1024;
inline constexpr size_t kNameLimit = 64;
inline constexpr size_t kFactsTypeLimit = 256;
inline constexpr size_t kSubjectLimit = 256;

struct Rejection {
  // One of rejection_reasons(): a label value.
  std::string_view reason;
  // INVALID_ARGUMENT. Whether a host may speak for a target is not asked here: what it may not say
  // is refused by itself, and the rest taken.
  absl::Status status;
};

// Every reason there is, those of admission_refusal.cpp, sync_service.cpp and call_guard.cpp too.
std::span<const std::string_view> rejection_reasons();

std::optional<Rejection> check_request(const v1::SyncRequest& request);

}  // namespace muster::collector
