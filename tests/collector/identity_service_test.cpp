#include "collector/sync/identity_service.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "collector/identity/certificate_generation.h"
#include "collector/identity/renewal.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/sync_server.h"
#include "common/files.h"
#include "muster/v1/reporting.grpc.pb.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reenrolments.h"
#include "tests/collector/reports.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

// The certificates are checked by the machine's clock, so they begin with it.
class StartingNow : public Clock {
 public:
  TimePoint now() const override { return now_; }

 private:
  TimePoint now_ = SystemClock().now();
};

// A store that can be told to keep identities waiting.
class SlowStore : public FakeStore {
 public:
  void put_identity(std::string host_id, IdentityRecord identity, Done done) override {
    {
      const std::lock_guard guard(mutex_);
      if (slow_) {
        waiting_.push_back(std::move(done));
        came_.notify_all();
        return;
      }
    }
    FakeStore::put_identity(std::move(host_id), std::move(identity), std::move(done));
  }
  void keep() {
    const std::lock_guard guard(mutex_);
    slow_ = true;
  }
  // Whether so many wait, before long.
  bool wait_for(size_t number) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(30),
                          [this, number] { return waiting_.size() == number; });
  }
  void answer_all() {
    std::vector<Done> waiting;
    {
      const std::lock_guard guard(mutex_);
      slow_ = false;
      waiting.swap(waiting_);
    }
    for (const Done& done : waiting)
      done(absl::OkStatus());
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  bool slow_ = false;
  std::vector<Done> waiting_;
};

// A collector's gRPC port on loopback that renews.
class IdentityServiceTest : public testing::Test {
 protected:
  IdentityServiceTest()
      : ca_(*CertificateAuthority::generate("muster.test", clock_.now())),
        authorities_(*CertificateAuthority::load(ca_, "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        renewal_({.clock = clock_,
                  .store = store_,
                  .fleet = fleet_,
                  .authorities = authorities_,
                  .turns = turns_,
                  .log = log_}) {}

  void SetUp() override {
    const KeyPair server =
        *authorities_.signing()->issue_server({"localhost"}, clock_.now(), std::chrono::days(365));
    write("server.crt", server.certificate + authorities_.bundle()->pem);
    write("server.key", server.key);
    write("ca.crt", authorities_.bundle()->pem);
    start(&renewal_);
    pair_ = add_host(web1_id, "web1");
  }

  // With its certificate, of generation 1.
  KeyPair add_host(const std::string& id, const std::string& name) {
    key_ = make_signing_request();
    HostRecord host;
    host.id = id;
    host.name = name;
    host.enrolled_at = clock_.now();
    host.identity.generation = 1;
    host.identity.key_sha256 = public_key_sha256(key_from_pem(key_.key_pem).get());
    host.identity.ca_sha256 = authorities_.signing()->sha256();
    fleet_.add_host(host);
    return {.certificate = *authorities_.signing()->issue_client(key_.pem, id, 1, clock_.now(),
                                                                 std::chrono::days(7)),
            .key = key_.key_pem};
  }

  void TearDown() override { server_.reset(); }

  void start(Renewal* renewal) {
    server_.reset();
    auto server = SyncServer::start(
        {.addresses = {"127.0.0.1:0"},
         .certificate_path = directory_.file("server.crt"),
         .key_path = directory_.file("server.key"),
         .ca_path = directory_.file("ca.crt"),
         .trust_domain = "muster.test"},
        clock_, store_, fleet_, metrics_, [] { return 0.0; }, renewal);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(write_file_atomically(directory_.file(name), content, 0600).ok());
  }

  std::shared_ptr<grpc::Channel> connect_as(const KeyPair& pair) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = authorities_.bundle()->pem;
    options.pem_cert_chain = pair.certificate;
    options.pem_private_key = pair.key;
    return grpc::CreateChannel("localhost:" + std::to_string(server_->ports().front()),
                               grpc::SslCredentials(options));
  }

  static void set_deadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }

  grpc::Status renew_as(const KeyPair& pair, const std::string& request_pem,
                        v1::RenewResponse& response) {
    grpc::ClientContext context;
    set_deadline(context);
    v1::RenewRequest request;
    request.set_certificate_signing_request(request_pem);
    return v1::IdentityService::NewStub(connect_as(pair))->Renew(&context, request, &response);
  }

  grpc::Status sync_as(const KeyPair& pair, v1::SyncResponse& response) {
    grpc::ClientContext context;
    set_deadline(context);
    return v1::ReportingService::NewStub(connect_as(pair))
        ->Sync(&context, a_report(clock_.now(), "Debian"), &response);
  }

  double counted(const std::string& family, const std::string& value) {
    for (const auto& one : registry_.Collect()) {
      if (one.name != family) continue;
      for (const auto& metric : one.metric) {
        if (!metric.label.empty() && metric.label.front().value == value) {
          return metric.counter.value;
        }
      }
    }
    return -1;
  }

  StartingNow clock_;
  SlowStore store_;
  test::TemporaryDirectory directory_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  RenewalLog log_{clock_, metrics_};
  HostTurns turns_;
  KeyPair ca_;
  Authorities authorities_;
  Fleet fleet_;
  Renewal renewal_;
  std::unique_ptr<SyncServer> server_;
  SigningRequest key_;
  KeyPair pair_;
};

TEST_F(IdentityServiceTest, RenewsACertificateOverMutualTlsAndTheNewOneReports) {
  const SigningRequest wanted = make_signing_request();
  v1::RenewResponse response;
  const grpc::Status status = renew_as(pair_, wanted.pem, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.generation(), 2u);
  EXPECT_EQ(response.ca_certificates(), authorities_.bundle()->pem);
  EXPECT_EQ(generation_of(parse_certificate(response.certificate())->get()), 2u);
  const KeyPair renewed = {.certificate = response.certificate(), .key = wanted.key_pem};
  v1::SyncResponse answer;
  const grpc::Status synced = sync_as(renewed, answer);
  EXPECT_TRUE(synced.ok()) << synced.error_message();
  EXPECT_EQ(counted("muster_collector_renewals_total", "renewed"), 1);
}

TEST_F(IdentityServiceTest, RefusesBothOfTwoThatHaveOneIdentityUntilItIsReleased) {
  v1::RenewResponse response;
  const SigningRequest wanted = make_signing_request();
  ASSERT_TRUE(renew_as(pair_, wanted.pem, response).ok());
  const KeyPair renewed = {.certificate = response.certificate(), .key = wanted.key_pem};
  const grpc::Status clone = renew_as(pair_, make_signing_request().pem, response);
  EXPECT_EQ(clone.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(clone.error_message(), HasSubstr("quarantined"));
  v1::SyncResponse answer;
  for (const KeyPair& one : {pair_, renewed}) {
    EXPECT_EQ(sync_as(one, answer).error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(renew_as(one, make_signing_request().pem, response).error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
  }
  IdentityRecord released = *fleet_.identity_of(web1_id);
  released.standing = Standing::kActive;
  released.adopts_next = true;
  fleet_.set_identity(web1_id, released);
  const grpc::Status status = renew_as(renewed, make_signing_request().pem, response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.generation(), 3u);
}

// A renewal that was begun and not waited for.
struct Call {
  grpc::ClientContext context;
  v1::RenewRequest request;
  v1::RenewResponse response;
  std::unique_ptr<v1::IdentityService::Stub> stub;
  std::promise<grpc::Status> status;
};

TEST_F(IdentityServiceTest, OfAWholeFleetAtOnceAreBoundedAndKeepNobodyFromReporting) {
  constexpr size_t kMostAtOnce = 64;
  store_.keep();
  std::vector<std::unique_ptr<Call>> calls;
  for (size_t number = 0; number < kMostAtOnce; ++number) {
    const std::string id = fmt::format("{:032x}", number + 1);
    auto call = std::make_unique<Call>();
    set_deadline(call->context);
    call->request.set_certificate_signing_request(make_signing_request().pem);
    call->stub =
        v1::IdentityService::NewStub(connect_as(add_host(id, fmt::format("host-{}", number))));
    call->stub->async()->Renew(
        &call->context, &call->request, &call->response,
        [one = call.get()](const grpc::Status& status) { one->status.set_value(status); });
    calls.push_back(std::move(call));
  }
  ASSERT_TRUE(store_.wait_for(kMostAtOnce));

  v1::RenewResponse response;
  const grpc::Status one_more = renew_as(pair_, make_signing_request().pem, response);
  EXPECT_EQ(one_more.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(one_more.error_message(), HasSubstr("too many hosts renew"));
  EXPECT_EQ(counted("muster_collector_renewals_total", "failed"), 1);
  v1::SyncResponse answer;
  EXPECT_TRUE(sync_as(pair_, answer).ok());

  store_.answer_all();
  for (const std::unique_ptr<Call>& call : calls)
    EXPECT_TRUE(call->status.get_future().get().ok());
  EXPECT_TRUE(renew_as(pair_, make_signing_request().pem, response).ok());
}

TEST_F(IdentityServiceTest, TellsTheRootsToTrust) {
  grpc::ClientContext context;
  set_deadline(context);
  v1::GetTrustBundleResponse response;
  const grpc::Status status =
      v1::IdentityService::NewStub(connect_as(pair_))->GetTrustBundle(&context, {}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.ca_certificates(), authorities_.bundle()->pem);
}

TEST_F(IdentityServiceTest, AReportIsToldTheRootsAndWhenToRenewBeforeItIsDue) {
  v1::SyncResponse answer;
  ASSERT_TRUE(sync_as(pair_, answer).ok());
  EXPECT_EQ(answer.trust_bundle_sha256(), authorities_.bundle()->sha256);
  EXPECT_FALSE(answer.renew_certificate());

  // Its answer was lost: it reports with the one before.
  const SigningRequest wanted = make_signing_request();
  v1::RenewResponse response;
  ASSERT_TRUE(renew_as(pair_, wanted.pem, response).ok());
  ASSERT_TRUE(sync_as(pair_, answer).ok());
  EXPECT_TRUE(answer.renew_certificate());
  const KeyPair renewed = {.certificate = response.certificate(), .key = wanted.key_pem};
  ASSERT_TRUE(sync_as(renewed, answer).ok());
  EXPECT_FALSE(answer.renew_certificate());

  // The newest is of a CA that does not sign any more.
  IdentityRecord record = *fleet_.identity_of(web1_id);
  record.ca_sha256 = std::string(64, '0');
  fleet_.set_identity(web1_id, record);
  ASSERT_TRUE(sync_as(renewed, answer).ok());
  EXPECT_TRUE(answer.renew_certificate());

  start(nullptr);
  ASSERT_TRUE(sync_as(renewed, answer).ok());
  EXPECT_EQ(answer.trust_bundle_sha256(), "");
  EXPECT_FALSE(answer.renew_certificate());
}

TEST_F(IdentityServiceTest, RefusesHostsThatAreNotThereWithWhatToDo) {
  fleet_.remove_host(web1_id);
  v1::RenewResponse response;
  const grpc::Status status = renew_as(pair_, make_signing_request().pem, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("muster-agent enroll"));
  grpc::ClientContext context;
  set_deadline(context);
  v1::GetTrustBundleResponse bundle;
  EXPECT_EQ(v1::IdentityService::NewStub(connect_as(pair_))
                ->GetTrustBundle(&context, {}, &bundle)
                .error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(IdentityServiceTest, RefusesACertificateThatNamesNoHost) {
  const CertificateAuthority other_domain = *CertificateAuthority::load(ca_, "other.test");
  const KeyPair pair = {.certificate = *other_domain.issue_client(
                            key_.pem, web1_id, 1, clock_.now(), std::chrono::days(7)),
                        .key = key_.key_pem};
  v1::RenewResponse response;
  const grpc::Status status = renew_as(pair, make_signing_request().pem, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("names no host"));
}

TEST_F(IdentityServiceTest, CountsAndSaysWhatCannotBeRead) {
  v1::RenewResponse response;
  // Within gRPC's limit, beyond the request's own.
  grpc::Status status = renew_as(pair_, std::string(17 * 1024, 'x'), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("larger than 16384 bytes"));
  EXPECT_EQ(counted("muster_collector_renewals_total", "refused"), 1);
  // No UTF-8, which is no protobuf.
  status = renew_as(pair_, "\xff\xfe", response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("the message cannot be read"));
}

TEST_F(IdentityServiceTest, SaysThatOthersMakeTheCertificatesWhereThatIsSo) {
  start(nullptr);
  v1::RenewResponse response;
  const grpc::Status status = renew_as(pair_, make_signing_request().pem, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("agent_identity"));
}

}  // namespace
}  // namespace muster::collector
