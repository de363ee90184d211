#include "collector/enrolment_log.h"

#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kErrorShown = 300;

std::string_view result_of(const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) return "token";
  if (absl::IsInvalidArgument(status)) return "request";
  return "failed";
}

}  // namespace

void EnrolmentLog::enrolled(const v1::EnrolResponse& host, const std::string& peer) {
  metrics_.count_enrolment("ok");
  log_info("host enrolled", {{"host", host.host()}, {"id", host.host_id()}, {"peer", peer}});
}

void EnrolmentLog::refused(const absl::Status& status, const std::string& peer) {
  const std::string_view message(status.message().data(), status.message().size());
  count_and_log(result_of(status), message, peer);
}

void EnrolmentLog::throttled(const std::string& peer) {
  count_and_log("throttled", "too many enrolments from this address", peer);
}

void EnrolmentLog::count_and_log(std::string_view result, std::string_view error,
                                 const std::string& peer) {
  metrics_.count_enrolment(result);
  if (!log_.should_log(peer, result, clock_.now())) return;
  log_warning("enrolment refused; the same reason of this address is not logged for an hour",
              {{"peer", peer}, {"reason", result}, {"error", printable(error, kErrorShown)}});
}

}  // namespace muster::collector
