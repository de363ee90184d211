// How hosts join: agents enrol with a token over HTTPS, administrators make tokens on the socket.
#include "collector/http/address.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "common/text.h"

namespace muster::collector::http {
namespace {

void finish_enrolment(EnrolmentLog* log, const Respond& respond, const std::string& peer,
                      const absl::StatusOr<v1::EnrolResponse>& result) {
  if (result.ok()) {
    if (log != nullptr) log->enrolled(*result, peer);
    return respond(json_response(*result));
  }
  if (log != nullptr) log->refused(result.status(), peer);
  respond(error_response(result.status()));
}

Response no_enrolment() {
  return error_response(
      409,
      "nobody enrols here: the hosts' certificates come from your own CA (agent_identity in "
      "collector.yml), and a host is added when it first reports");
}

}  // namespace

void post_enrol(Call&& call) {
  if (!call.state.context.enrols) return call.respond(no_enrolment());
  const std::string peer = call.request.peer;
  EnrolmentLog* const log = call.state.context.enrolment_log;
  if (!call.request.from_administration_socket &&
      !call.state.enrolments.take(address_block(peer))) {
    if (log != nullptr) log->throttled(peer);
    Response response =
        error_response(429, "too many enrolments from this address; try again in a minute");
    response.headers.emplace_back("Retry-After", "60");
    return call.respond(std::move(response));
  }
  v1::EnrolRequest request;
  // An agent that is newer than this collector may send more.
  if (absl::Status status = read_json(call.request, request, true); !status.ok()) {
    // What is wrong with the text shows a part of it, which may be the token.
    if (log != nullptr) {
      log->refused(absl::InvalidArgumentError("the body is not the JSON of an EnrolRequest"), peer);
    }
    return call.respond(error_response(status));
  }
  call.state.context.enrolment.enrol(std::move(request),
                                     [log, respond = call.respond, peer](const auto& result) {
                                       finish_enrolment(log, respond, peer, result);
                                     });
}

void post_token(Call&& call) {
  if (!call.state.context.enrols) return call.respond(no_enrolment());
  v1::CreateTokenRequest request;
  if (absl::Status status = read_json(call.request, request, false); !status.ok()) {
    return call.respond(error_response(status));
  }
  call.state.context.enrolment.create_token(
      request, [respond = call.respond](const absl::StatusOr<v1::CreateTokenResponse>& result) {
        respond(result.ok() ? json_response(*result) : error_response(result.status()));
      });
}

void post_token_revoke(Call&& call) {
  call.state.context.enrolment.revoke_token(
      call.name, [respond = call.respond](const absl::StatusOr<v1::TokenSummary>& result) {
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
