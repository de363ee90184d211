// What operators and other programs read of targets.
#include <utility>

#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/targets/targets_http_sd.h"

namespace muster::collector::http {
namespace {

// Answers with what `make` makes of the targets that there are.
void answer_of_targets(Call&& call,
                       std::function<Response(const TargetFleet&, const std::string&)> make) {
  answer_later(std::move(call), [make = std::move(make)](const Call& later) {
    const TargetFleet* const targets = later.state.context.targets;
    if (targets == nullptr) return error_response(absl::NotFoundError("there are no targets here"));
    return make(*targets, later.name);
  });
}

}  // namespace

void get_targets(Call&& call) {
  answer_of_targets(std::move(call), [](const TargetFleet& targets, const std::string& /*name*/) {
    return json_response(targets.list());
  });
}

void get_target(Call&& call) {
  answer_of_targets(std::move(call), [](const TargetFleet& targets, const std::string& name) {
    const absl::StatusOr<v1::TargetDetail> detail = targets.detail(name);
    return detail.ok() ? json_response(*detail) : error_response(detail.status());
  });
}

void get_sd_targets(Call&& call) {
  answer_of_targets(std::move(call), [](const TargetFleet& targets, const std::string& /*name*/) {
    Response response;
    response.content_type = "application/json";
    response.body = targets_http_sd(*targets.table());
    return response;
  });
}

}  // namespace muster::collector::http
