#include "collector/sync/sync_server.h"

#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "collector/sync/call_guard.h"
#include "collector/sync/identity_service.h"
#include "collector/sync/refused_reports.h"
#include "collector/sync/sync_listener.h"
#include "collector/sync/sync_service.h"
#include "collector/sync/sync_validation.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

// gRPC itself neither counts nor logs what is too large, so that what is only a little too large is
// left to check_request.
constexpr int kReceiveLimit = static_cast<int>(kMessageLimit) + 1024 * 1024;
constexpr int kMetadataLimit = 16 * 1024;
constexpr int kStreamsPerConnection = 8;
constexpr size_t kMemoryQuota = 512 * 1024 * 1024;
constexpr unsigned int kReloadSeconds = 5;
constexpr int kSecond = 1000;
constexpr int kRenewalsAtOnce = 64;
constexpr size_t kLogLineLimit = 500;

void log_grpc(gpr_log_func_args* args) {
  // gRPC's log is process-wide, and so is this: a stranger that fails to shake hands a thousand
  // times a second gets one line an hour.
  // By its place in the source: what it says may be a peer's words, a new line each time.
  static RejectionLog repeated;
  const std::string text = printable(args->message, kLogLineLimit);
  // What handshake_watch.h says better.
  const bool is_known = text.starts_with("Handshake failed") ||
                        text.find("cancel_check_peer") != std::string::npos ||
                        text.starts_with("No match found for server name");
  if (is_known || args->severity != GPR_LOG_SEVERITY_ERROR) {
    return log_debug("from gRPC", {{"text", text}});
  }
  if (!repeated.should_log(args->file, std::to_string(args->line), SystemClock().now())) return;
  log_warning("from gRPC", {{"text", text}});
}

// One line for each broken message would be as many as a peer wants; that it was broken is counted.
void log_protobuf(google::protobuf::LogLevel /*level*/, const char* /*file*/, int /*line*/,
                  const std::string& message) {
  log_debug("from protobuf", {{"text", printable(message, kLogLineLimit)}});
}

std::shared_ptr<grpc::ServerCredentials> make_credentials(const SyncServerOptions& options) {
  namespace experimental = grpc::experimental;
  auto provider = std::make_shared<experimental::FileWatcherCertificateProvider>(
      options.key_path, options.certificate_path, options.ca_path, kReloadSeconds);
  experimental::TlsServerCredentialsOptions tls(provider);
  tls.watch_root_certs();
  tls.watch_identity_key_cert_pairs();
  // Nobody without a certificate gets as far as HTTP/2: this gRPC has no backports of its fixes.
  tls.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return experimental::TlsServerCredentials(tls);
}

void set_bounds(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kReceiveLimit);
  builder.SetMaxSendMessageSize(static_cast<int>(kMessageLimit));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataLimit);
  // Agents do not compress, and this gRPC unpacks a message as a whole before it measures it.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                             1 << GRPC_COMPRESS_NONE);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10 * kSecond);
  // Finds connections that a firewall forgot; agents may ping as often as they sync.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  grpc::ResourceQuota quota("muster-collector");
  quota.Resize(kMemoryQuota);
  builder.SetResourceQuota(quota);
}

class SyncServerImpl : public SyncServer {
 public:
  SyncServerImpl(const SyncServerOptions& options, const Clock& clock, Store& store, Fleet& fleet,
                 CollectorMetrics& metrics, std::function<double()> load, Renewal* renewal)
      : metrics_(metrics),
        names_(options.names ? *options.names : CertificateNames(options.trust_domain)),
        refused_(clock, metrics),
        unknown_methods_(refused_, names_),
        service_({.clock = clock,
                  .store = store,
                  .fleet = fleet,
                  .metrics = metrics,
                  .refused = refused_,
                  .names = names_,
                  .sync_interval = options.sync_interval,
                  .load = std::move(load),
                  .targets = options.targets,
                  .leases = options.leases,
                  .newcomers = options.newcomers,
                  .renewal = renewal,
                  .authorities = options.authorities}),
        identity_service_(renewal, names_, kRenewalsAtOnce, options.authorities) {}
  ~SyncServerImpl() override { stop(Duration(0)); }

  absl::Status listen(const SyncServerOptions& options) {
    grpc::ServerBuilder builder;
    set_bounds(builder);
    builder.AddChannelArgument(
        GRPC_ARG_MAX_CONNECTION_AGE_MS,
        static_cast<int>(
            std::chrono::duration_cast<std::chrono::milliseconds>(options.connection_age).count()));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 60 * kSecond);
    const std::shared_ptr<grpc::ServerCredentials> credentials = make_credentials(options);
    absl::StatusOr<std::unique_ptr<SyncListener>> listener =
        SyncListener::listen(options.addresses);
    if (!listener.ok()) return listener.status();
    acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
    builder.RegisterService(&service_);
    builder.RegisterService(&identity_service_);
    builder.RegisterCallbackGenericService(&unknown_methods_);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> guards;
    guards.push_back(make_unreadable_guard(refused_, names_));
    builder.experimental().SetInterceptorCreators(std::move(guards));
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::InternalError("gRPC did not start");
    listener_ = *std::move(listener);
    const auto accept = [this](int descriptor) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.fd = descriptor;
      acceptor_->HandleNewConnection(&connection);
    };
    listener_->start(accept, [this] { metrics_.grpc_refused_connections().Increment(); });
    return absl::OkStatus();
  }

  const std::vector<int>& ports() const override { return listener_->ports(); }

  void stop(Duration grace) override {
    if (server_ == nullptr) return;
    if (listener_ != nullptr) listener_->stop();
    server_->Shutdown(std::chrono::system_clock::now() + grace);
    server_->Wait();
    server_.reset();
  }

 private:
  CollectorMetrics& metrics_;
  const CertificateNames names_;
  RefusedReports refused_;
  UnknownMethods unknown_methods_;
  SyncService service_;
  IdentityService identity_service_;
  std::unique_ptr<SyncListener> listener_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SyncServer>> SyncServer::start(
    const SyncServerOptions& options, const Clock& clock, Store& store, Fleet& fleet,
    CollectorMetrics& metrics, std::function<double()> load, Renewal* renewal) {
  gpr_set_log_function(log_grpc);
  // Debian's absl looks for deadlocks at every lock of gRPC's, and would abort on one: 3 % of the
  // time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  google::protobuf::SetLogHandler(log_protobuf);
  auto server = std::make_unique<SyncServerImpl>(options, clock, store, fleet, metrics,
                                                 std::move(load), renewal);
  if (absl::Status status = server->listen(options); !status.ok()) return status;
  return server;
}

}  // namespace muster::collector
