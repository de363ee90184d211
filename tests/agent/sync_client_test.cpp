// The gRPC client against a gRPC server in this process, with mTLS on loopback.
#include "agent/sync/sync_client.h"

#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "agent/output/status_text.h"
#include "muster/v1/identity.grpc.pb.h"
#include "muster/v1/reporting.grpc.pb.h"
#include "tests/agent/relay.h"
#include "tests/agent/test_certificates.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class FakeService : public v1::ReportingService::Service {
 public:
  grpc::Status Sync(grpc::ServerContext* context, const v1::SyncRequest* request,
                    v1::SyncResponse* response) override {
    ++calls;
    const auto names = context->auth_context()->FindPropertyValues("x509_common_name");
    const std::string name = names.empty() ? "" : std::string(names[0].data(), names[0].size());
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this, &name] { return name != held; });
    client = name;
    response->set_epoch(request->epoch());
    return answer;
  }
  // Reports of this client get no answer before another name is held.
  void hold(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex);
    held = name;
    changed.notify_all();
  }

  std::atomic<int> calls = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::string client;
  std::string held = "nobody";
  grpc::Status answer = grpc::Status::OK;
};

class FakeIdentityService : public v1::IdentityService::Service {
 public:
  grpc::Status Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                     v1::RenewResponse* response) override {
    response->set_certificate("for " + request->certificate_signing_request());
    const std::lock_guard<std::mutex> lock(mutex);
    peer = context->peer();
    return answer;
  }
  grpc::Status GetTrustBundle(grpc::ServerContext*, const v1::GetTrustBundleRequest*,
                              v1::GetTrustBundleResponse* response) override {
    response->set_ca_certificates("roots");
    return grpc::Status::OK;
  }

  std::mutex mutex;
  std::string peer;
  grpc::Status answer = grpc::Status::OK;
};

// A server on a port of its own, of the given CA.
struct FakeServer {
  FakeServer(const TestCertificate& ca, const std::string& names) {
    const TestCertificate certificate = make_certificate("collector", &ca, names);
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = ca.pem();
    options.pem_key_cert_pairs.push_back({certificate.key_pem(), certificate.pem()});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    builder.RegisterService(&identity);
    server = builder.BuildAndStart();
  }
  ~FakeServer() { server->Shutdown(std::chrono::system_clock::now()); }
  Address address() const { return {"127.0.0.1", static_cast<uint16_t>(port)}; }

  FakeService service;
  FakeIdentityService identity;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

// A host that takes connections and never says a word: its kernel answers, no program does.
class SilentListener {
 public:
  Address address() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
};

class SyncClientTest : public ::testing::Test {
 protected:
  SyncClientTest() { write_identity("host-1"); }

  void write_identity(const std::string& name) {
    const TestCertificate certificate = make_certificate(name, &ca_, "");
    directory_.write("identity.pem", certificate.key_pem() + certificate.pem());
    directory_.write("ca.pem", ca_.pem());
  }

  void connect(const std::vector<Address>& collectors) {
    SyncClientOptions options;
    options.deadline = 20s;
    connect(collectors, options);
  }

  void connect(const std::vector<Address>& collectors, SyncClientOptions options) {
    options.collectors = collectors;
    options.identity = identity_in(directory_.path());
    client_ = std::make_unique<SyncClient>(context_, std::move(options));
  }

  absl::StatusOr<v1::SyncResponse> sync() {
    std::optional<absl::StatusOr<v1::SyncResponse>> result;
    v1::SyncRequest request;
    request.set_epoch(42);
    client_->sync(request, [&result](absl::StatusOr<v1::SyncResponse> response) {
      result = std::move(response);
    });
    context_.restart();
    context_.run();
    return result.value();
  }

  absl::StatusOr<v1::RenewResponse> renew() {
    std::optional<absl::StatusOr<v1::RenewResponse>> result;
    v1::RenewRequest request;
    request.set_certificate_signing_request("a key");
    client_->renew(request, [&result](absl::StatusOr<v1::RenewResponse> response) {
      result = std::move(response);
    });
    context_.restart();
    context_.run();
    return result.value();
  }

  // A port where nobody listens: of a server that is gone.
  Address dead_address() { return FakeServer(ca_, "IP:127.0.0.1").address(); }

  TestCertificate ca_ = make_certificate("test CA", nullptr, "");
  test::TemporaryDirectory directory_;
  boost::asio::io_context context_{1};
  std::unique_ptr<SyncClient> client_;
};

TEST_F(SyncClientTest, ReportsWithItsOwnCertificateOverOneConnection) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({server.address()});
  for (int i = 1; i <= 3; ++i) {
    const auto response = sync();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->epoch(), 42);
    EXPECT_EQ(server.service.calls, i);
  }
  EXPECT_EQ(server.service.client, "host-1");
}

TEST_F(SyncClientTest, TakesARenewedCertificateWithoutARestart) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({server.address()});
  ASSERT_TRUE(sync().ok());
  write_identity("host-1-renewed");
  ASSERT_TRUE(sync().ok());
  EXPECT_EQ(server.service.client, "host-1-renewed");
}

TEST_F(SyncClientTest, RenewsAndAsksForTheRootsWhereItReports) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({dead_address(), server.address()});
  ASSERT_TRUE(sync().ok());
  const auto renewed = renew();
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->certificate(), "for a key");
  const std::string peer = server.identity.peer;
  ASSERT_TRUE(renew().ok());
  EXPECT_EQ(server.identity.peer, peer) << "one connection";
  std::optional<absl::StatusOr<v1::GetTrustBundleResponse>> roots;
  client_->get_trust_bundle([&roots](const auto& response) { roots = response; });
  context_.restart();
  context_.run();
  ASSERT_TRUE(roots.value().ok()) << roots->status();
  EXPECT_EQ((*roots)->ca_certificates(), "roots");
  server.identity.answer = grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "quarantined");
  EXPECT_THAT(std::string(text_of(renew().status())),
              HasSubstr(server.address().text() + ": quarantined"));
}

TEST_F(SyncClientTest, ARenewalThatFindsNobodyOrNoIdentityIsTold) {
  connect({dead_address()});
  EXPECT_TRUE(absl::IsUnavailable(renew().status()));
  std::filesystem::remove(directory_.path() + "/identity.pem");
  EXPECT_TRUE(absl::IsFailedPrecondition(renew().status()));
}

TEST_F(SyncClientTest, AReportOnItsWayEndsOnTheOldConnectionWhileARenewalIsDoneAndTheNextTakesIt) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({server.address()});
  server.service.hold("host-1");
  v1::SyncRequest request;
  request.set_epoch(42);
  bool taken = false;
  client_->sync(request, [&taken](const absl::StatusOr<v1::SyncResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    taken = true;
  });
  bool renewed = false;
  client_->renew({}, [&](const absl::StatusOr<v1::RenewResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    EXPECT_FALSE(taken);
    renewed = true;
    write_identity("host-1-renewed");
    // Beside the report, by the new certificate, so on another connection.
    client_->renew({}, [&](const absl::StatusOr<v1::RenewResponse>& again) {
      EXPECT_TRUE(again.ok()) << again.status();
      EXPECT_FALSE(taken);
      server.service.hold("nobody");
    });
  });
  context_.restart();
  context_.run();
  EXPECT_TRUE(renewed);
  EXPECT_TRUE(taken);
  EXPECT_EQ(server.service.client, "host-1");
  ASSERT_TRUE(sync().ok());
  EXPECT_EQ(server.service.client, "host-1-renewed");
}

TEST_F(SyncClientTest, GoesOnToTheNextCollectorAndStaysThere) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({dead_address(), server.address()});
  ASSERT_TRUE(sync().ok());
  EXPECT_EQ(client_->address(), server.address().text());
  server.service.answer = grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "not this host");
  EXPECT_TRUE(absl::IsPermissionDenied(sync().status()));
  EXPECT_EQ(client_->address(), server.address().text()) << "a refusal is no reason to go on";
}

TEST_F(SyncClientTest, NamesTheCollectorThatDoesNotAnswer) {
  const Address address = dead_address();
  connect({address});
  const absl::Status status = sync().status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(text_of(status)), HasSubstr(address.text() + ": "));
}

TEST_F(SyncClientTest, DoesNotSpeakToACollectorOfAnotherCa) {
  const TestCertificate other_ca = make_certificate("test CA", nullptr, "");
  FakeServer server(other_ca, "IP:127.0.0.1");
  connect({server.address()});
  EXPECT_TRUE(absl::IsUnavailable(sync().status()));
  EXPECT_EQ(server.service.calls, 0);
}

TEST_F(SyncClientTest, DoesNotSpeakToACollectorOfAnotherName) {
  FakeServer server(ca_, "DNS:other.example.org,IP:192.0.2.1");
  connect({server.address()});
  EXPECT_TRUE(absl::IsUnavailable(sync().status()));
  EXPECT_EQ(server.service.calls, 0);
}

TEST_F(SyncClientTest, SaysWhatToDoWithoutAnIdentity) {
  std::filesystem::remove(directory_.path() + "/identity.pem");
  connect({{"127.0.0.1", 1}});
  const absl::Status status = sync().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(text_of(status)),
              HasSubstr("identity.pem: No such file or directory; enrol"));
}

TEST_F(SyncClientTest, TheEnvironmentsProxyIsNotUsed) {
  FakeServer server(ca_, "IP:127.0.0.1");
  const std::string proxy = "http://" + dead_address().text();
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"})
    ::setenv(name, proxy.c_str(), 1);
  connect({server.address()});
  const absl::Status status = sync().status();
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"})
    ::unsetenv(name);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SyncClientTest, ACollectorThatTakesTheConnectionAndIsSilentIsLeftAtTheDeadline) {
  const SilentListener silent;
  connect({silent.address()}, {.deadline = 100ms});
  const absl::Status status = sync().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(text_of(status)),
              HasSubstr(silent.address().text() + ": no answer within 0.1 s; does the collector"));
}

TEST_F(SyncClientTest, AfterTheDeadlineTheNextCollectorIsTried) {
  const SilentListener first;
  const SilentListener second;
  connect({first.address(), second.address()}, {.deadline = 100ms});
  EXPECT_THAT(std::string(text_of(sync().status())), HasSubstr(second.address().text() + ": "));
  EXPECT_EQ(client_->address(), first.address().text()) << "all were tried: it begins anew";
}

TEST_F(SyncClientTest, AConnectionThatDiedInSilenceIsLeftLongBeforeTheDeadline) {
  FakeServer server(ca_, "IP:127.0.0.1");
  FakeServer next(ca_, "IP:127.0.0.1");
  Relay relay(server.address());
  connect({relay.address(), next.address()},
          {.deadline = 1h, .keepalive_time = 100ms, .keepalive_timeout = 500ms});
  ASSERT_TRUE(sync().ok());
  EXPECT_EQ(client_->address(), relay.address().text());
  relay.fall_silent();
  const auto response = sync();
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(client_->address(), next.address().text());
}

TEST_F(SyncClientTest, CanBeDestroyedWithAReportOnItsWay) {
  FakeServer server(ca_, "IP:127.0.0.1");
  connect({server.address()});
  client_->sync({}, [](const absl::StatusOr<v1::SyncResponse>&) { FAIL() << "called"; });
  client_.reset();
  context_.run();
}

}  // namespace
}  // namespace muster::agent
