#include "collector/sync/call_guard.h"

#include <fmt/format.h>

#include <atomic>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/identity/certificate_authority.h"
#include "collector/identity/certificate_generation.h"
#include "common/text.h"

namespace muster::collector {
namespace {

using grpc::experimental::InterceptionHookPoints;

constexpr size_t kMethodShown = 100;

// gRPC knows, and does not tell, whether the message was cut short, compressed or no protobuf.
constexpr const char* kUnreadable =
    "the message cannot be read: it must be one uncompressed request of at most 8 MiB. Is the "
    "agent "
    "newer than the collector, or is something between them?";

class UnreadableGuard : public grpc::experimental::Interceptor {
 public:
  UnreadableGuard(RefusedReports& refused, const CertificateNames& names,
                  grpc::ServerContextBase& call)
      : refused_(refused), names_(names), call_(call) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      is_unreadable_ = batch->GetRecvMessage() == nullptr;
    }
    if (is_unreadable_ &&
        batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      batch->ModifySendStatus({grpc::StatusCode::INVALID_ARGUMENT, kUnreadable});
      is_refused_ = true;
    }
    // Only here is it known whether the peer was still there to be told. One that was not has sent
    // half a report because its link dropped, and sends all of it again.
    if (is_refused_ && batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_CLOSE) &&
        !call_.IsCancelled()) {
      count();
    }
    batch->Proceed();
  }

 private:
  void count() {
    refused_.take(host_id_of(call_, names_).value_or(""), call_.peer(),
                  {.reason = "message", .status = absl::InvalidArgumentError(kUnreadable)});
  }

  RefusedReports& refused_;
  const CertificateNames& names_;
  grpc::ServerContextBase& call_;
  // gRPC may tell of a close while the answer is on its way.
  std::atomic<bool> is_unreadable_ = false;
  std::atomic<bool> is_refused_ = false;
};

class UnreadableGuards : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  UnreadableGuards(RefusedReports& refused, CertificateNames names)
      : refused_(refused), names_(std::move(names)) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override {
    // Calls of the unknown methods are read as they come.
    if (call->type() != grpc::experimental::ServerRpcInfo::Type::UNARY) return nullptr;
    // gRPC owns it from here on.
    return new UnreadableGuard(refused_, names_, *call->server_context());
  }

 private:
  RefusedReports& refused_;
  const CertificateNames names_;
};

// Says no, and is gone.
class Refusal : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

// What TLS has verified; valid as long as the call.
std::vector<std::string_view> names_of(const grpc::ServerContextBase& call,
                                       CertificateNames::Source source) {
  const char* property = "peer_spiffe_id";
  if (source == CertificateNames::Source::kDns) property = "peer_dns";
  if (source == CertificateNames::Source::kCommonName) property = "x509_common_name";
  std::vector<std::string_view> names;
  const std::shared_ptr<const grpc::AuthContext> peer = call.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return names;
  for (const grpc::string_ref& name : peer->FindPropertyValues(property))
    names.emplace_back(name.data(), name.size());
  return names;
}

}  // namespace

grpc::Status to_grpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

absl::StatusOr<std::string> host_id_of(const grpc::ServerContextBase& call,
                                       const CertificateNames& names) {
  return names.host_id_in(names_of(call, names.source()));
}

std::optional<std::string> certificate_name_of(const grpc::ServerContextBase& call,
                                               const CertificateNames& names) {
  return names.name_in(names_of(call, names.source()));
}

uint64_t generation_of(const grpc::ServerContextBase& call) {
  const std::shared_ptr<const grpc::AuthContext> peer = call.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return 0;
  for (const grpc::string_ref& subject : peer->FindPropertyValues("x509_subject")) {
    return generation_of_subject({subject.data(), subject.size()});
  }
  return 0;
}

std::string_view certificate_of(const grpc::ServerContextBase& call) {
  const std::shared_ptr<const grpc::AuthContext> peer = call.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return {};
  for (const grpc::string_ref& pem : peer->FindPropertyValues("x509_pem_cert"))
    return {pem.data(), pem.size()};
  return {};
}

absl::Status check_root(const grpc::ServerContextBase& call, const Authorities* authorities) {
  if (authorities == nullptr || !authorities->is_of_dropped_root(certificate_of(call))) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      "the client certificate is of a CA that this collector has dropped (`muster-collector ca "
      "retire`); unless the host has a newer one and connects with that, enrol it anew with a "
      "token");
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> make_unreadable_guard(
    RefusedReports& refused, CertificateNames names) {
  return std::make_unique<UnreadableGuards>(refused, std::move(names));
}

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* call) {
  const std::string message =
      fmt::format("this collector has no method {}: is the agent newer than the collector?",
                  printable(call->method(), kMethodShown));
  refused_.take(host_id_of(*call, names_).value_or(""), call->peer(),
                {.reason = "method", .status = absl::UnimplementedError(message)});
  return new Refusal({grpc::StatusCode::UNIMPLEMENTED, message});
}

}  // namespace muster::collector
