#include "collector/identity/enrolment_log.h"

#include "collector/http/address.h"
#include "collector/identity/token_refusal.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kErrorShown = 300;

struct Refusal {
  std::string_view result;
  std::string_view error;
};

// What the operator is told, who may know more of a token than the stranger who came with it.
Refusal refusal_of(const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  if (absl::IsInvalidArgument(status)) return {.result = "request", .error = message};
  if (!absl::IsPermissionDenied(status)) return {.result = "failed", .error = message};
  switch (token_refusal_of(status)) {
    case TokenRefusal::kUsed:
      return {.result = "token_used", .error = "the join token is used up"};
    case TokenRefusal::kExpired:
      return {.result = "token_expired", .error = "the join token has expired"};
    case TokenRefusal::kUnknown:
      break;
  }
  return {.result = "token_unknown", .error = "it is no join token of this collector"};
}

}  // namespace

void EnrolmentLog::enrolled(const v1::EnrolResponse& host, const std::string& peer) {
  metrics_.count_enrolment("ok");
  log_info("host enrolled", {{"host", host.host()},
                             {"id", host.host_id()},
                             {"generation", host.generation()},
                             {"peer", peer}});
}

void EnrolmentLog::refused(const absl::Status& status, const std::string& peer) {
  const Refusal refusal = refusal_of(status);
  count_and_log(refusal.result, refusal.error, peer);
}

void EnrolmentLog::throttled(const std::string& peer) {
  count_and_log("throttled", "too many enrolments from this address", peer);
}

void EnrolmentLog::count_and_log(std::string_view result, std::string_view error,
                                 const std::string& peer) {
  metrics_.count_enrolment(result);
  // As the limits count: a host of an IPv6 network has as many addresses as it likes.
  if (!log_.should_log(http::address_block(peer), result, clock_.now())) return;
  log_warning("enrolment refused; the same reason of this address is not logged for an hour",
              {{"peer", peer}, {"reason", result}, {"error", printable(error, kErrorShown)}});
  if (const uint64_t omitted = log_.take_omitted(); omitted > 0) {
    log_warning("more enrolments were refused, of more addresses than the log takes in an hour",
                {{"not_logged", omitted}});
  }
}

}  // namespace muster::collector
