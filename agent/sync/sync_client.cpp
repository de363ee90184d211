#include "agent/sync/sync_client.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>

#include "agent/launcher/input_fingerprint.h"
#include "agent/output/status_text.h"
#include "agent/sync/grpc_event_engine.h"
#include "agent/sync/sync_hint.h"
#include "common/files.h"
#include "common/text.h"
#include "common/version.h"
#include "muster/v1/identity.grpc.pb.h"
#include "muster/v1/reporting.grpc.pb.h"

namespace muster::agent {
namespace {

namespace asio = boost::asio;

constexpr size_t kPemLimit = 1 << 20;
// A list of 10,000 targets is about 1 MiB, and the collector gives no agent more than 2.
constexpr int kResponseLimit = 4 << 20;

// gRPC's own lines are for its developers: what an operator needs is in the status of the call.
void quiet_log(gpr_log_func_args* line) {
  log_debug("gRPC", {{"line", printable(line->message)}});
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> read_credentials(
    const IdentityFiles& files) {
  grpc::SslCredentialsOptions options;
  for (const auto& [path, content] : {std::pair(&files.certificate, &options.pem_cert_chain),
                                      std::pair(&files.key, &options.pem_private_key),
                                      std::pair(&files.ca, &options.pem_root_certs)}) {
    // Read once where both are one file, which may be replaced between two readings.
    if (content == &options.pem_private_key && files.key == files.certificate) {
      *content = options.pem_cert_chain;
      continue;
    }
    absl::StatusOr<std::string> pem = read_file(*path, kPemLimit);
    if (!pem.ok()) {
      return absl::FailedPreconditionError(
          fmt::format("{}; enrol this host: muster-agent enroll --help", text_of(pem.status())));
    }
    *content = *std::move(pem);
  }
  return grpc::SslCredentials(options);
}

int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

grpc::ChannelArguments channel_arguments(const SyncClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(fmt::format("muster-agent/{}", kVersion));
  arguments.SetMaxReceiveMessageSize(kResponseLimit);
  // A connection that is dead is noticed while a report waits; between reports nobody needs it, and
  // servers count pings on idle connections as abuse.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   static_cast<int>(milliseconds(options.keepalive_time)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   static_cast<int>(milliseconds(options.keepalive_timeout)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // A new channel is a new connection: the agent's back-off decides when, not one of gRPC's own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // For the same reason; and gRPC 1.51's aborts the process at an answer without a status.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const Address& proxy = options.proxy;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, proxy.host.empty() ? 0 : 1);
  if (!proxy.host.empty()) {
    arguments.SetString(GRPC_ARG_HTTP_PROXY, fmt::format("http://{}", proxy.text()));
  }
  return arguments;
}

std::string explain(const grpc::Status& status) {
  const std::string message = printable(status.error_message());
  if (message.empty()) {
    return fmt::format("the collector says no without a word (gRPC status {})",
                       static_cast<int>(status.error_code()));
  }
  const std::string_view hint = hint_for(message);
  return hint.empty() ? message : fmt::format("{} ({})", hint, message);
}

bool is_worth_another_collector(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

// A completion queue with one thread of its own: the callback API would start up to sixteen, by the
// number of processors.
class SyncClient::Connection {
 public:
  Connection(asio::io_context& context, SyncClientOptions options)
      : context_(context),
        options_(std::move(options)),
        alive_(std::make_shared<int>(0)),
        thread_([this] { carry_over(); }) {}

  ~Connection() {
    alive_.reset();
    if (report_) report_->context.TryCancel();
    if (renewal_) renewal_->context.TryCancel();
    if (trust_bundle_) trust_bundle_->context.TryCancel();
    queue_.Shutdown();
    thread_.join();
  }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void sync(const v1::SyncRequest& request, Done done) {
    request_ = request;
    report_done_ = std::move(done);
    collectors_left_ = options_.collectors.size();
    attempt();
  }

  void renew(const v1::RenewRequest& request, RenewDone done) {
    if (const absl::Status connected = connect(); !connected.ok()) {
      return refuse_later(connected, std::move(done));
    }
    renewal_done_ = std::move(done);
    renewal_ = make_call<v1::RenewResponse>();
    const auto stub = v1::IdentityService::NewStub(channel_);
    renewal_->reader = stub->AsyncRenew(&renewal_->context, request, &queue_);
    renewal_->reader->Finish(&renewal_->response, &renewal_->status, &renewal_answered_);
  }

  void get_trust_bundle(TrustBundleDone done) {
    if (const absl::Status connected = connect(); !connected.ok()) {
      return refuse_later(connected, std::move(done));
    }
    trust_bundle_done_ = std::move(done);
    trust_bundle_ = make_call<v1::GetTrustBundleResponse>();
    const auto stub = v1::IdentityService::NewStub(channel_);
    trust_bundle_->reader = stub->AsyncGetTrustBundle(&trust_bundle_->context, {}, &queue_);
    trust_bundle_->reader->Finish(&trust_bundle_->response, &trust_bundle_->status,
                                  &trust_bundle_answered_);
  }

  std::string address() const { return options_.collectors[current_].text(); }

 private:
  template <typename Response>
  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
    Response response;
    grpc::Status status;
    // While it is on its way, the io_context has something to wait for.
    asio::executor_work_guard<asio::io_context::executor_type> work;

    explicit Call(asio::io_context& io_context) : work(io_context.get_executor()) {}
  };

  // What the queue's thread gets back with an event: what to do with it on the agent's.
  struct Tag {
    // `is_readable`: false where there was an answer, and it is not the message that it should be.
    void (Connection::*take)(bool is_readable);
  };

  template <typename Response>
  std::unique_ptr<Call<Response>> make_call() {
    auto call = std::make_unique<Call<Response>>(context_);
    call->context.set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                     gpr_time_from_millis(milliseconds(options_.deadline), GPR_TIMESPAN)));
    return call;
  }

  void attempt() {
    if (const absl::Status connected = connect(); !connected.ok()) {
      request_.Clear();
      return refuse_later(connected, std::exchange(report_done_, nullptr));
    }
    report_ = make_call<v1::SyncResponse>();
    report_->reader = stub_->AsyncSync(&report_->context, request_, &queue_);
    report_->reader->Finish(&report_->response, &report_->status, &report_answered_);
  }

  absl::Status connect() {
    const std::array<ProbeInput, 3> files{
        {{options_.identity.certificate}, {options_.identity.key}, {options_.identity.ca}}};
    const std::string identity = input_fingerprint("", files).value_or("");
    if (stub_ != nullptr && identity == identity_) return absl::OkStatus();
    auto credentials = read_credentials(options_.identity);
    if (!credentials.ok()) return credentials.status();
    identity_ = identity;
    channel_ = grpc::CreateCustomChannel(address(), *credentials, channel_arguments(options_));
    stub_ = v1::ReportingService::NewStub(channel_);
    return absl::OkStatus();
  }

  // A new connection at the next call.
  void disconnect() {
    stub_.reset();
    channel_.reset();
  }

  // The queue's thread: hands each event to the agent's, and knows nothing else.
  void carry_over() {
    void* event = nullptr;
    bool is_readable = false;
    while (queue_.Next(&event, &is_readable)) {
      const auto take = static_cast<const Tag*>(event)->take;
      asio::post(context_, [this, take, is_readable, alive = std::weak_ptr<int>(alive_)] {
        if (alive.lock()) (this->*take)(is_readable);
      });
    }
  }

  void take_report(bool is_readable) {
    const std::unique_ptr<Call<v1::SyncResponse>> call = std::move(report_);
    // A collector's answer always has an epoch.
    const absl::Status status = status_of(*call, is_readable && call->response.epoch() != 0);
    if (is_worth_another_collector(call->status)) {
      disconnect();
      current_ = (current_ + 1) % options_.collectors.size();
      if (--collectors_left_ > 0) return attempt();
    }
    request_.Clear();
    finish(status, std::move(call->response), std::exchange(report_done_, nullptr));
  }

  void take_renewal(bool is_readable) {
    const std::unique_ptr<Call<v1::RenewResponse>> call = std::move(renewal_);
    const absl::Status status = status_of(*call, is_readable);
    if (is_worth_another_collector(call->status)) disconnect();
    finish(status, std::move(call->response), std::exchange(renewal_done_, nullptr));
  }

  void take_trust_bundle(bool is_readable) {
    const std::unique_ptr<Call<v1::GetTrustBundleResponse>> call = std::move(trust_bundle_);
    const absl::Status status = status_of(*call, is_readable);
    if (is_worth_another_collector(call->status)) disconnect();
    finish(status, std::move(call->response), std::exchange(trust_bundle_done_, nullptr));
  }

  template <typename Response>
  absl::Status status_of(const Call<Response>& call, bool is_sound) const {
    if (!call.status.ok()) {
      return absl::Status(static_cast<absl::StatusCode>(call.status.error_code()),
                          fmt::format("{}: {}", address(), describe(call.status)));
    }
    if (is_sound) return absl::OkStatus();
    return absl::InternalError(
        fmt::format("{}: the answer is not one of a collector; is a proxy between?", address()));
  }

  std::string describe(const grpc::Status& status) const {
    if (status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
      return explain(status);
    }
    return fmt::format(
        "no answer within {:g} s; does the collector run there, is it overloaded, does a firewall "
        "hold the answer back?",
        std::chrono::duration<double>(options_.deadline).count());
  }

  template <typename Response>
  static void finish(const absl::Status& status, Response response,
                     std::function<void(absl::StatusOr<Response>)> done) {
    if (status.ok()) {
      done(std::move(response));
    } else {
      done(status);
    }
  }

  template <typename Response>
  void refuse_later(const absl::Status& error, std::function<void(absl::StatusOr<Response>)> done) {
    asio::post(context_, [error, done = std::move(done), alive = std::weak_ptr<int>(alive_)] {
      if (alive.lock()) done(error);
    });
  }

  asio::io_context& context_;
  const SyncClientOptions options_;
  Tag report_answered_{&Connection::take_report};
  Tag renewal_answered_{&Connection::take_renewal};
  Tag trust_bundle_answered_{&Connection::take_trust_bundle};
  size_t current_ = 0;
  size_t collectors_left_ = 0;
  std::string identity_;
  // Shared with gRPC's stubs, as their interface wants it.
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ReportingService::Stub> stub_;
  v1::SyncRequest request_;
  Done report_done_;
  RenewDone renewal_done_;
  TrustBundleDone trust_bundle_done_;
  std::unique_ptr<Call<v1::SyncResponse>> report_;
  std::unique_ptr<Call<v1::RenewResponse>> renewal_;
  std::unique_ptr<Call<v1::GetTrustBundleResponse>> trust_bundle_;
  // Shared with events that are on their way to the io_context, which must not find this gone.
  std::shared_ptr<int> alive_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

SyncClient::SyncClient(asio::io_context& context, SyncClientOptions options) {
  gpr_set_log_function(quiet_log);
  use_small_event_engine();
  connection_ = std::make_unique<Connection>(context, std::move(options));
}

SyncClient::~SyncClient() = default;

void SyncClient::sync(const v1::SyncRequest& request, Done done) {
  connection_->sync(request, std::move(done));
}

void SyncClient::renew(const v1::RenewRequest& request, RenewDone done) {
  connection_->renew(request, std::move(done));
}

void SyncClient::get_trust_bundle(TrustBundleDone done) {
  connection_->get_trust_bundle(std::move(done));
}

std::string SyncClient::address() const {
  return connection_->address();
}

}  // namespace muster::agent
