#include "collector/sync_server.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "collector/sync_service.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr int kMessageLimit = 8 * 1024 * 1024;
constexpr int kMetadataLimit = 16 * 1024;
constexpr int kStreamsPerConnection = 8;
constexpr size_t kMemoryQuota = 512 * 1024 * 1024;
constexpr unsigned int kReloadSeconds = 5;
constexpr int kSecond = 1000;
constexpr size_t kLogLineLimit = 500;

void log_grpc(gpr_log_func_args* args) {
  // gRPC's log is process-wide, and so is this: a stranger that fails to shake hands a thousand
  // times a second gets one line an hour.
  static RejectionLog repeated;
  const std::string text = printable(args->message, kLogLineLimit);
  // What handshake_watch.h says better.
  const bool is_known = text.starts_with("Handshake failed") ||
                        text.find("cancel_check_peer") != std::string::npos ||
                        text.starts_with("No match found for server name");
  if (is_known || args->severity != GPR_LOG_SEVERITY_ERROR) {
    return log_debug("from gRPC", {{"text", text}});
  }
  if (!repeated.should_log("gRPC", text, SystemClock().now())) return;
  log_warning("from gRPC", {{"text", text}});
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
  builder.SetMaxReceiveMessageSize(kMessageLimit);
  builder.SetMaxSendMessageSize(kMessageLimit);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataLimit);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10 * kSecond);
  // Finds connections that a firewall forgot; agents may ping as often as they sync.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // Otherwise a second collector would share the port, and each get half of the agents.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("muster-collector");
  quota.Resize(kMemoryQuota);
  builder.SetResourceQuota(quota);
}

class SyncServerImpl : public SyncServer {
 public:
  explicit SyncServerImpl(SyncServiceContext context) : service_(std::move(context)) {}
  ~SyncServerImpl() override { stop(Duration(0)); }

  absl::Status listen(const SyncServerOptions& options) {
    grpc::ServerBuilder builder;
    set_bounds(builder);
    const std::shared_ptr<grpc::ServerCredentials> credentials = make_credentials(options);
    ports_.resize(options.addresses.size());
    for (size_t i = 0; i < options.addresses.size(); ++i) {
      builder.AddListeningPort(options.addresses[i], credentials, &ports_[i]);
    }
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    for (size_t i = 0; i < options.addresses.size(); ++i) {
      if (server_ != nullptr && ports_[i] != 0) continue;
      return absl::UnavailableError(
          fmt::format("cannot listen on {} for agents: is the port in use (`ss -ltnp`), or the "
                      "address not this host's? See grpc_listen in collector.yml",
                      options.addresses[i]));
    }
    return absl::OkStatus();
  }

  const std::vector<int>& ports() const override { return ports_; }

  void stop(Duration grace) override {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + grace);
    server_->Wait();
    server_.reset();
  }

 private:
  SyncService service_;
  std::vector<int> ports_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SyncServer>> SyncServer::start(const SyncServerOptions& options,
                                                              const Clock& clock, Store& store,
                                                              Fleet& fleet,
                                                              CollectorMetrics& metrics,
                                                              std::function<double()> load) {
  gpr_set_log_function(log_grpc);
  auto server =
      std::make_unique<SyncServerImpl>(SyncServiceContext{.clock = clock,
                                                          .store = store,
                                                          .fleet = fleet,
                                                          .metrics = metrics,
                                                          .trust_domain = options.trust_domain,
                                                          .sync_interval = options.sync_interval,
                                                          .load = std::move(load)});
  if (absl::Status status = server->listen(options); !status.ok()) return status;
  return server;
}

}  // namespace muster::collector
