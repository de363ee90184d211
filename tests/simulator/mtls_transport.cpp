#include "tests/simulator/mtls_transport.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <string>
#include <utility>

#include "muster/v1/reporting.grpc.pb.h"

namespace muster::simulator {
namespace {

void quiet_log(gpr_log_func_args* /*line*/) {}

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("muster-fleet-simulator");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

bool ends_connection(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

struct MtlsTransport::Queue {
  grpc::CompletionQueue queue;
};

struct MtlsTransport::Host {
  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SyncResponse>> reader;
    v1::SyncResponse response;
    grpc::Status status;
    Clock::time_point started = Clock::now();
    bool connected = false;
  };
  Identity identity;
  size_t collector = 0;
  std::unique_ptr<v1::ReportingService::Stub> stub;
  std::unique_ptr<Call> call;
};

MtlsTransport::MtlsTransport(std::vector<Address> collectors, std::vector<Identity> identities,
                             std::chrono::milliseconds deadline)
    : collectors_(std::move(collectors)),
      deadline_(deadline),
      queue_(std::make_unique<Queue>()),
      hosts_(identities.size()) {
  gpr_set_log_function(quiet_log);
  for (size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].identity = std::move(identities[i]);
    hosts_[i].collector = i % collectors_.size();
  }
}

MtlsTransport::~MtlsTransport() {
  for (const Host& host : hosts_) {
    if (host.call != nullptr) host.call->context.TryCancel();
  }
  queue_->queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->queue.Next(&tag, &ok)) {
  }
}

void MtlsTransport::sync(size_t host_number, const v1::SyncRequest& request) {
  Host& host = hosts_.at(host_number);
  host.call = std::make_unique<Host::Call>();
  if (host.stub == nullptr) {
    host.call->connected = true;
    grpc::SslCredentialsOptions options;
    options.pem_cert_chain = host.identity.certificate;
    options.pem_private_key = host.identity.key;
    options.pem_root_certs = *host.identity.ca;
    host.stub = v1::ReportingService::NewStub(grpc::CreateCustomChannel(
        collectors_[host.collector].text(), grpc::SslCredentials(options), channel_arguments()));
  }
  host.call->context.set_deadline(std::chrono::system_clock::now() + deadline_);
  host.call->reader = host.stub->AsyncSync(&host.call->context, request, &queue_->queue);
  host.call->reader->Finish(&host.call->response, &host.call->status, &host);
}

std::optional<FleetAnswer> MtlsTransport::next(Clock::time_point until) {
  void* tag = nullptr;
  bool ok = false;
  const auto left = std::max(until - Clock::now(), Clock::duration(0));
  if (queue_->queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + left) !=
      grpc::CompletionQueue::GOT_EVENT) {
    return std::nullopt;
  }
  Host& host = *static_cast<Host*>(tag);
  const std::unique_ptr<Host::Call> call = std::move(host.call);
  FleetAnswer answer;
  answer.host = static_cast<size_t>(&host - hosts_.data());
  answer.took = Clock::now() - call->started;
  answer.connected = call->connected;
  if (call->status.ok()) {
    answer.response = std::move(call->response);
    return answer;
  }
  answer.response = absl::Status(static_cast<absl::StatusCode>(call->status.error_code()),
                                 call->status.error_message());
  if (ends_connection(call->status)) {
    host.stub.reset();
    host.collector = (host.collector + 1) % collectors_.size();
  }
  return answer;
}

}  // namespace muster::simulator
