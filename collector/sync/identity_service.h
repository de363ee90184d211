// The service of renewals on the gRPC port: who asks is who its certificate says, and the answer is
// Renewal's. Bounded apart from reports, so that a fleet that renews at once keeps nobody from
// reporting. On gRPC's callback API; any thread.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <string>
#include <utility>

#include "collector/identity/certificate_names.h"
#include "collector/identity/renewal.h"
#include "muster/v1/identity.grpc.pb.h"

namespace muster::collector {

class IdentityService : public v1::IdentityService::CallbackService {
 public:
  // `renewal` outlives the service; null: certificates are made by others, and nobody renews here.
  // `most_at_once`: renewals under way, beyond which it says Unavailable.
  // `authorities`: those whose dropped roots are good for nothing on older connections either.
  IdentityService(Renewal* renewal, CertificateNames names, int most_at_once = 64,
                  const Authorities* authorities = nullptr)
      : renewal_(renewal),
        names_(std::move(names)),
        most_at_once_(most_at_once),
        authorities_(authorities) {}

  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* call,
                                  const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;
  grpc::ServerUnaryReactor* GetTrustBundle(grpc::CallbackServerContext* call,
                                           const v1::GetTrustBundleRequest* request,
                                           v1::GetTrustBundleResponse* response) override;

 private:
  // What every call must pass: a root that is still trusted, and a CA that is the collector's own.
  absl::Status check_entry(const grpc::CallbackServerContext& call) const;

  Renewal* const renewal_;
  const CertificateNames names_;
  const int most_at_once_;
  const Authorities* const authorities_;
  std::atomic<int> under_way_ = 0;
};

}  // namespace muster::collector
