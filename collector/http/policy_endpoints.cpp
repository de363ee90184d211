// What operators ask of policies, on the administration socket.
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/policy_answers/explanation.h"
#include "collector/policy_answers/preview_answer.h"

namespace muster::collector::http {
namespace {

// Reads the request, asks, and answers with what comes.
template <typename Request, auto Ask>
Response make_answer(const Call& call) {
  Request request;
  if (absl::Status status = read_json(call.request, request, false); !status.ok()) {
    return error_response(status);
  }
  const EndpointContext& context = call.state.context;
  const auto answer = Ask(context, request);
  return answer.ok() ? json_response(*answer) : error_response(answer.status());
}

absl::StatusOr<v1::PolicyPreview> ask_preview(const EndpointContext& context,
                                              const v1::PolicyPreviewRequest& request) {
  return preview_policy(context.fleet, request, context.clock.now(),
                        context.targets == nullptr ? nullptr : &context.targets->entities());
}

absl::StatusOr<v1::Explanation> ask_explanation(const EndpointContext& context,
                                                const v1::ExplainRequest& request) {
  return explain(context.fleet, request, context.clock.now(), context.targets);
}

}  // namespace

void post_policy_preview(Call&& call) {
  answer_later(std::move(call), make_answer<v1::PolicyPreviewRequest, ask_preview>);
}
void post_explain(Call&& call) {
  answer_later(std::move(call), make_answer<v1::ExplainRequest, ask_explanation>);
}

}  // namespace muster::collector::http
