#include "collector/sync/identity_service.h"

#include "collector/sync/call_guard.h"

namespace muster::collector {
namespace {

constexpr const char* kMadeByOthers =
    "this collector does not make the certificates of its hosts: they are renewed where they come "
    "from (agent_identity in collector.yml)";

}  // namespace

absl::Status IdentityService::check_entry(const grpc::CallbackServerContext& call) const {
  if (absl::Status root = check_root(call, authorities_); !root.ok()) return root;
  return renewal_ == nullptr ? absl::FailedPreconditionError(kMadeByOthers) : absl::OkStatus();
}

grpc::ServerUnaryReactor* IdentityService::Renew(grpc::CallbackServerContext* call,
                                                 const v1::RenewRequest* request,
                                                 v1::RenewResponse* response) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  if (const absl::Status entry = check_entry(*call); !entry.ok()) {
    reactor->Finish(to_grpc(entry));
    return reactor;
  }
  if (++under_way_ > most_at_once_) {
    --under_way_;
    reactor->Finish(to_grpc(renewal_->too_many()));
    return reactor;
  }
  // gRPC keeps response and reactor until Finish.
  renewal_->renew(std::string(certificate_of(*call)), *request, call->peer(),
                  [this, response, reactor](const absl::StatusOr<v1::RenewResponse>& result) {
                    if (result.ok()) *response = *result;
                    --under_way_;
                    reactor->Finish(to_grpc(result.status()));
                  });
  return reactor;
}

grpc::ServerUnaryReactor* IdentityService::GetTrustBundle(
    grpc::CallbackServerContext* call, const v1::GetTrustBundleRequest* /*request*/,
    v1::GetTrustBundleResponse* response) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  if (const absl::Status entry = check_entry(*call); !entry.ok()) {
    reactor->Finish(to_grpc(entry));
    return reactor;
  }
  const absl::StatusOr<v1::GetTrustBundleResponse> bundle =
      renewal_->trust_bundle(host_id_of(*call, names_).value_or(""));
  if (bundle.ok()) *response = *bundle;
  reactor->Finish(to_grpc(bundle.status()));
  return reactor;
}

}  // namespace muster::collector
