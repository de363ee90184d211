// Answers and counts the calls that never reach the service, which gRPC would end without a word:
// a message that cannot be read, a method that does not exist. Any thread.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "collector/refused_reports.h"

namespace muster::collector {

// The one place where our status becomes gRPC's; their codes are the same numbers.
grpc::Status to_grpc(const absl::Status& status);

// Who calls: the host that the client's certificate names. NotFound: it names none.
absl::StatusOr<std::string> host_id_of(const grpc::ServerContextBase& call,
                                       std::string_view trust_domain);

// Which of the host's certificates it is; 0 where they are made by others.
uint64_t generation_of(const grpc::ServerContextBase& call);

// For ServerBuilder's interceptors. `refused` outlives the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> make_unreadable_guard(
    RefusedReports& refused, std::string trust_domain);

// Takes the place of every method that is not there.
class UnknownMethods : public grpc::CallbackGenericService {
 public:
  // `refused` outlives the object.
  UnknownMethods(RefusedReports& refused, std::string trust_domain)
      : refused_(refused), trust_domain_(std::move(trust_domain)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override;

 private:
  RefusedReports& refused_;
  const std::string trust_domain_;
};

}  // namespace muster::collector
