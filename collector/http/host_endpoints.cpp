// What operators do to a host, on the administration socket.
#include "collector/fleet/host_administration.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"

namespace muster::collector::http {
namespace {

HostAdministration::Done answer_to(const Respond& respond) {
  return [respond](const absl::StatusOr<v1::HostSummary>& host) {
    respond(host.ok() ? json_response(*host) : error_response(host.status()));
  };
}

// Reads what comes with it, and takes the step where it may wait for the disk.
template <typename Message, typename Step>
void take_step(Call&& call, const Step& step) {
  HostAdministration* const hosts = call.state.context.hosts;
  Message request;
  absl::Status status = read_json(call.request, request, false);
  if (hosts == nullptr) status = absl::UnimplementedError("hosts cannot be changed here");
  if (!status.ok()) return call.respond(error_response(status));
  const Respond respond = call.respond;
  const bool queued = call.state.work.post([hosts, name = call.name, request, step, respond] {
    step(*hosts, name, request, answer_to(respond));
  });
  if (!queued) {
    respond(error_response(
        absl::ResourceExhaustedError("too many requests wait for an answer; try again")));
  }
}

template <auto Step>
void take_standing_step(Call&& call) {
  take_step<v1::HostStandingRequest>(
      std::move(call),
      [](HostAdministration& hosts, const std::string& name, const v1::HostStandingRequest& request,
         const HostAdministration::Done& done) { (hosts.*Step)(name, request.reason(), done); });
}

}  // namespace

void post_host_revoke(Call&& call) {
  take_standing_step<&HostAdministration::revoke>(std::move(call));
}
void post_host_release(Call&& call) {
  take_standing_step<&HostAdministration::release>(std::move(call));
}
void post_host_remove(Call&& call) {
  take_standing_step<&HostAdministration::remove>(std::move(call));
}
void post_host_rename(Call&& call) {
  take_step<v1::RenameHostRequest>(
      std::move(call),
      [](HostAdministration& hosts, const std::string& name, const v1::RenameHostRequest& request,
         const HostAdministration::Done& done) { hosts.rename(name, request.name(), done); });
}

}  // namespace muster::collector::http
