// How a host whose certificate has ended gets the next one: it proves itself in the body, since TLS
// does not take what has ended.
#include "collector/http/address.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/identity/renewal.h"
#include "muster/v1/identity.pb.h"

namespace muster::collector::http {

void post_reenrol(Call&& call) {
  EndpointContext& context = call.state.context;
  const std::string peer = call.request.peer;
  if (context.renewal == nullptr) {
    return call.respond(error_response(absl::FailedPreconditionError(
        "this collector does not make the certificates of its hosts: they are renewed where they "
        "come from")));
  }
  RenewalLog* const log = context.renewal_log;
  if (!call.state.reenrolments.take(address_block(peer))) {
    if (log != nullptr) log->throttled(peer);
    Response response =
        error_response(429, "too many re-enrolments from this address; try again in a minute");
    response.headers.emplace_back("Retry-After", "60");
    return call.respond(std::move(response));
  }
  v1::ReenrolRequest request;
  // An agent that is newer than this collector may send more.
  if (absl::Status status = read_json(call.request, request, true); !status.ok()) {
    if (log != nullptr) log->refused(RenewalWay::kReenrolment, status, "", peer);
    return call.respond(error_response(status));
  }
  context.renewal->reenrol(
      request, peer, [respond = call.respond](const absl::StatusOr<v1::RenewResponse>& result) {
        respond(result.ok() ? json_response(*result) : error_response(result.status()));
      });
}

}  // namespace muster::collector::http
