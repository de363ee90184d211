// The rotation of the CA, and backups, on the administration socket.
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/identity/ca_rotation.h"

namespace muster::collector::http {
namespace {

Response answer_of(const absl::StatusOr<v1::CaStatus>& status) {
  return status.ok() ? json_response(*status) : error_response(status.status());
}

// Reads what is asked for, and takes the step.
template <auto Step>
Response take_step(const Call& call) {
  CaRotation* const rotation = call.state.context.rotation;
  if (rotation == nullptr) return error_response(404, "this collector has no CA of its own");
  v1::CaChangeRequest request;
  if (absl::Status status = read_json(call.request, request, false); !status.ok()) {
    return error_response(status);
  }
  return answer_of((rotation->*Step)(request));
}

Response make_status(const Call& call) {
  CaRotation* const rotation = call.state.context.rotation;
  if (rotation == nullptr) return error_response(404, "this collector has no CA of its own");
  return json_response(rotation->status());
}

Response make_backup(const Call& call) {
  const auto& snapshot = call.state.context.snapshot;
  if (snapshot == nullptr) return error_response(404, "this collector makes no backups");
  const absl::StatusOr<v1::BackupSnapshot> made = snapshot();
  return made.ok() ? json_response(*made) : error_response(made.status());
}

Response make_prepared(const Call& call) {
  CaRotation* const rotation = call.state.context.rotation;
  if (rotation == nullptr) return error_response(404, "this collector has no CA of its own");
  return answer_of(rotation->prepare());
}

}  // namespace

void get_ca(Call&& call) {
  answer_later(std::move(call), make_status);
}
void post_ca_prepare(Call&& call) {
  answer_later(std::move(call), make_prepared);
}
void post_ca_activate(Call&& call) {
  answer_later(std::move(call), take_step<&CaRotation::activate>);
}
void post_ca_retire(Call&& call) {
  answer_later(std::move(call), take_step<&CaRotation::retire>);
}

void post_backup(Call&& call) {
  answer_later(std::move(call), make_backup);
}

}  // namespace muster::collector::http
