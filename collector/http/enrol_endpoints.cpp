// How hosts join: agents enrol with a token over HTTPS, administrators make tokens on the socket.
#include "collector/http/address.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector::http {
namespace {

void finish_enrolment(const Respond& respond, const std::string& peer,
                      const absl::StatusOr<v1::EnrolResponse>& result) {
  if (result.ok()) {
    log_info("host enrolled",
             {{"host", result->host()}, {"id", result->host_id()}, {"peer", peer}});
    return respond(json_response(*result));
  }
  log_warning("enrolment refused", {{"peer", peer}, {"reason", result.status().ToString()}});
  respond(error_response(result.status()));
}

}  // namespace

void post_enrol(Call&& call) {
  const std::string peer = call.request.peer;
  if (!call.request.from_administration_socket &&
      !call.state.enrolments.take(address_block(peer))) {
    Response response =
        error_response(429, "too many enrolments from this address; try again in a minute");
    response.headers.emplace_back("Retry-After", "60");
    return call.respond(std::move(response));
  }
  v1::EnrolRequest request;
  // An agent that is newer than this collector may send more.
  if (absl::Status status = read_json(call.request, request, true); !status.ok()) {
    return call.respond(error_response(status));
  }
  call.state.context.enrolment.enrol(std::move(request),
                                     [respond = call.respond, peer](const auto& result) {
                                       finish_enrolment(respond, peer, result);
                                     });
}

void post_token(Call&& call) {
  v1::CreateTokenRequest request;
  if (absl::Status status = read_json(call.request, request, false); !status.ok()) {
    return call.respond(error_response(status));
  }
  call.state.context.enrolment.create_token(
      request, [respond = call.respond](const absl::StatusOr<v1::CreateTokenResponse>& result) {
        respond(result.ok() ? json_response(*result) : error_response(result.status()));
      });
}

void get_tokens(Call&& call) {
  call.state.context.enrolment.list_tokens(
      [respond = call.respond](const absl::StatusOr<v1::TokenList>& result) {
        respond(result.ok() ? json_response(*result) : error_response(result.status()));
      });
}

}  // namespace muster::collector::http
