#include "common/policy/status.h"

namespace muster::policy {
namespace {

// Higher is worse. A status of a newer program is no better than unknown.
int rank(v1::Status status) {
  switch (status) {
    case v1::STATUS_NOT_APPLICABLE:
      return 0;
    case v1::STATUS_PASS:
      return 1;
    case v1::STATUS_WAIVED:
      return 2;
    case v1::STATUS_DUE:
      return 3;
    case v1::STATUS_FAIL:
      return 5;
    default:
      return 4;
  }
}

}  // namespace

v1::Status worse(v1::Status a, v1::Status b) {
  return rank(a) >= rank(b) ? a : b;
}

std::string_view status_name(v1::Status status) {
  switch (status) {
    case v1::STATUS_NOT_APPLICABLE:
      return "not_applicable";
    case v1::STATUS_PASS:
      return "pass";
    case v1::STATUS_WAIVED:
      return "waived";
    case v1::STATUS_DUE:
      return "due";
    case v1::STATUS_FAIL:
      return "fail";
    default:
      return "unknown";
  }
}

std::string_view severity_name(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_LOW:
      return "low";
    case v1::SEVERITY_MEDIUM:
      return "medium";
    case v1::SEVERITY_HIGH:
      return "high";
    case v1::SEVERITY_CRITICAL:
      return "critical";
    default:
      return "unspecified";
  }
}

v1::Status worst_of(std::span<const v1::Verdict> verdicts) {
  v1::Status worst = v1::STATUS_NOT_APPLICABLE;
  for (const v1::Verdict& verdict : verdicts)
    worst = worse(worst, verdict.status());
  return worst;
}

}  // namespace muster::policy
