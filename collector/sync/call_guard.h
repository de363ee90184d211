// Answers and counts the calls that never reach the service, which gRPC would end without a word:
// a message that cannot be read, a method that does not exist. Any thread.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/identity/authorities.h"
#include "collector/identity/certificate_names.h"
#include "collector/sync/refused_reports.h"

namespace muster::collector {

// The one place where our status becomes gRPC's; their codes are the same numbers.
grpc::Status to_grpc(const absl::Status& status);

// Who calls: the host that the client's certificate names. NotFound: it names none.
absl::StatusOr<std::string> host_id_of(const grpc::ServerContextBase& call,
                                       const CertificateNames& names);

// The name that a site's own CA gave to who calls; nothing if it gave none by the rule.
std::optional<std::string> certificate_name_of(const grpc::ServerContextBase& call,
                                               const CertificateNames& names);

// Which of the host's certificates it is; 0 where they are made by others.
uint64_t generation_of(const grpc::ServerContextBase& call);

// The client's certificate, PEM; empty if there is none, which gRPC does not let happen. Valid as
// long as the call.
std::string_view certificate_of(const grpc::ServerContextBase& call);

// For those whose connection was made while their CA was still trusted.
absl::Status check_root(const grpc::ServerContextBase& call, const Authorities* authorities);

// For ServerBuilder's interceptors. `refused` outlives the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> make_unreadable_guard(
    RefusedReports& refused, CertificateNames names);

// Takes the place of every method that is not there.
class UnknownMethods : public grpc::CallbackGenericService {
 public:
  // `refused` outlives the object.
  UnknownMethods(RefusedReports& refused, CertificateNames names)
      : refused_(refused), names_(std::move(names)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override;

 private:
  RefusedReports& refused_;
  const CertificateNames names_;
};

}  // namespace muster::collector
