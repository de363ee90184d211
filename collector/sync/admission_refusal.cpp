#include "collector/sync/admission_refusal.h"

#include <fmt/format.h>

#include "common/superseded.h"

namespace muster::collector {

std::optional<Rejection> refusal_of(Admission admission) {
  switch (admission) {
    case Admission::kTaken:
      return std::nullopt;
    case Admission::kRevoked:
      return Rejection{
          .reason = "revoked",
          .status = absl::PermissionDeniedError(
              "an operator has revoked this host at the collector. To bring it back, remove it "
              "there with `muster-collector host remove NAME` and enrol it anew")};
    case Admission::kQuarantined:
      return Rejection{
          .reason = "quarantined",
          .status = absl::PermissionDeniedError(
              "this host is quarantined: its identity is in use twice, as by a cloned disk. At "
              "the collector, `muster-collector host show NAME` says why; give each copy but one "
              "an identity of its own with a new token, then `muster-collector host release NAME` "
              "takes the one that is left")};
    case Admission::kSuperseded:
      return Rejection{.reason = "superseded",
                       .status = absl::PermissionDeniedError(fmt::format(
                           "{}: this one is of a copy, or of before the host was enrolled anew. "
                           "Asking for a renewal tells which",
                           kSupersededWords))};
  }
  return std::nullopt;
}

}  // namespace muster::collector
