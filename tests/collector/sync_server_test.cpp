#include "collector/sync/sync_server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <optional>

#include "collector/identity/authorities.h"
#include "collector/identity/certificate_authority.h"
#include "collector/identity/enrolment.h"
#include "collector/service/state_files.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/sync_validation.h"
#include "common/files.h"
#include "muster/v1/identity.grpc.pb.h"
#include "muster/v1/reporting.grpc.pb.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"
#include "tests/collector/signing_requests.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

CertificateAuthority make_authority(TimePoint now, const std::string& trust_domain) {
  return *CertificateAuthority::load(*CertificateAuthority::generate(trust_domain, now),
                                     trust_domain);
}

// A collector's gRPC port on loopback, with a real store and one host.
class SyncServerTest : public testing::Test {
 protected:
  SyncServerTest() : authority_(make_authority(clock_.now(), "muster.test")) {}

  void SetUp() override {
    const KeyPair server =
        *authority_.issue_server({"localhost"}, clock_.now(), std::chrono::days(365));
    write("server.crt", server.certificate + authority_.certificate_pem());
    write("server.key", server.key);
    write("ca.crt", authority_.certificate_pem());
    store_ = *StoreSqlite::open({.path = directory_.file("store.db")});
    fleet_.emplace(clock_, *store_, std::make_shared<policy::Policy>());
    const HostRecord host = {.id = web1_id,
                             .name = "web1",
                             .labels = {},
                             .machine_id_hash = {},
                             .enrolled_at = clock_.now(),
                             .last_sync_at = std::nullopt};
    store_->add_host(host, [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
    fleet_->add_host(host);
    start();
  }

  void TearDown() override {
    server_.reset();
    store_.reset();
  }

  void start(Duration connection_age = std::chrono::hours(12)) {
    auto server = SyncServer::start({.addresses = {"127.0.0.1:0"},
                                     .certificate_path = directory_.file("server.crt"),
                                     .key_path = directory_.file("server.key"),
                                     .ca_path = directory_.file("ca.crt"),
                                     .trust_domain = "muster.test",
                                     .authorities = authorities_.get(),
                                     .connection_age = connection_age},
                                    clock_, *store_, *fleet_, metrics_, [] { return 0.0; });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(write_file_atomically(directory_.file(name), content, 0600).ok());
  }

  // A client's certificate and key, from an authority.
  KeyPair client_pair(const CertificateAuthority& authority, const std::string& host_id,
                      Duration lifetime = std::chrono::days(7), uint64_t generation = 1) {
    const SigningRequest request = make_signing_request();
    // By the machine's clock, which gRPC checks certificates with.
    return {.certificate = *authority.issue_client(request.pem, host_id, generation,
                                                   SystemClock().now(), lifetime),
            .key = request.key_pem};
  }

  std::shared_ptr<grpc::Channel> connect_as(const KeyPair& pair) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = authority_.certificate_pem();
    options.pem_cert_chain = pair.certificate;
    options.pem_private_key = pair.key;
    return grpc::CreateChannel("localhost:" + std::to_string(server_->ports().front()),
                               grpc::SslCredentials(options));
  }

  static grpc::Status sync_over(const std::shared_ptr<grpc::Channel>& channel,
                                const v1::SyncRequest& request, v1::SyncResponse& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return v1::ReportingService::NewStub(channel)->Sync(&context, request, &response);
  }

  grpc::Status sync_as(const KeyPair& pair, const v1::SyncRequest& request,
                       v1::SyncResponse& response) {
    return sync_over(connect_as(pair), request, response);
  }

  v1::SyncRequest a_request(const std::string& os_name) { return a_report(clock_.now(), os_name); }

  double counter(const std::string& family, const std::string& value) {
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

  // The certificates are checked by the machine's clock, so they begin with it.
  class StartingNow : public Clock {
   public:
    TimePoint now() const override { return now_; }

   private:
    TimePoint now_ = SystemClock().now();
  };

  StartingNow clock_;
  test::TemporaryDirectory directory_;
  CertificateAuthority authority_;
  // Of the fleet, in the one test that replaces it.
  std::unique_ptr<Authorities> authorities_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  std::unique_ptr<StoreSqlite> store_;
  std::optional<Fleet> fleet_;
  std::unique_ptr<SyncServer> server_;
};

TEST_F(SyncServerTest, AHostReportsAndIsAnsweredWhenItIsOnDisk) {
  const KeyPair client = client_pair(authority_, web1_id);
  v1::SyncResponse response;
  const grpc::Status status = sync_as(client, a_request("Debian 12"), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).sequence(), 1u);
  EXPECT_EQ(response.host(), "web1");
  EXPECT_GE(response.next_sync_milliseconds(), 54'000u);
  EXPECT_LE(response.next_sync_milliseconds(), 66'000u);
  EXPECT_EQ(store_->load_hosts()->front().sections.size(), 1u);
  EXPECT_EQ(fleet_->list_hosts().hosts(0).os_pretty_name(), "Debian 12");

  // The same again is a heartbeat.
  ASSERT_TRUE(sync_as(client, a_request("Debian 12"), response).ok());
  EXPECT_EQ(counter("muster_collector_syncs_total", "ok"), 2);
}

TEST_F(SyncServerTest, NobodyGetsInWithoutACertificateOfThisFleet) {
  const CertificateAuthority foreign = make_authority(clock_.now(), "muster.test");
  const KeyPair expired = client_pair(authority_, web1_id, -std::chrono::hours(1));
  v1::SyncResponse response;
  for (const KeyPair& pair : {KeyPair{}, client_pair(foreign, web1_id), expired}) {
    const grpc::Status status = sync_as(pair, a_request("Debian 12"), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
  EXPECT_TRUE(store_->load_hosts()->front().sections.empty());
}

TEST_F(SyncServerTest, TheServersOwnCertificateIsNoHost) {
  const KeyPair server =
      *authority_.issue_server({"localhost"}, clock_.now(), std::chrono::days(1));
  v1::SyncResponse response;
  EXPECT_FALSE(sync_as(server, a_request("Debian 12"), response).ok());
  EXPECT_TRUE(store_->load_hosts()->front().sections.empty());
}

TEST_F(SyncServerTest, ACertificateOfAnotherTrustDomainNamesNoHost) {
  const KeyPair ours = *CertificateAuthority::generate("muster.test", clock_.now());
  authority_ = *CertificateAuthority::load(ours, "muster.test");
  TearDown();
  std::filesystem::remove(directory_.file("store.db"));
  SetUp();
  const CertificateAuthority other = *CertificateAuthority::load(ours, "other.test");
  v1::SyncResponse response;
  const grpc::Status status =
      sync_as(client_pair(other, web1_id), a_request("Debian 12"), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("muster-agent enroll"));
  EXPECT_EQ(counter("muster_collector_rejected_total", "certificate"), 1);
}

TEST_F(SyncServerTest, AHostThatTheFleetDoesNotKnowIsRefused) {
  v1::SyncResponse response;
  const grpc::Status status =
      sync_as(client_pair(authority_, std::string(32, 'f')), a_request("Debian 12"), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << status.error_message();
  EXPECT_EQ(counter("muster_collector_rejected_total", "unknown_host"), 1);
}

TEST_F(SyncServerTest, ARevocationIsHeededByTheNextReportOfAnOpenConnection) {
  struct Case {
    Standing standing;
    const char* reason;
    const char* what_to_do;
  };
  const auto channel = connect_as(client_pair(authority_, web1_id));
  for (const Case& one : {Case{Standing::kRevoked, "revoked", "host remove"},
                          Case{Standing::kQuarantined, "quarantined", "host release"}}) {
    v1::SyncResponse response;
    fleet_->set_identity(web1_id, {});
    ASSERT_TRUE(sync_over(channel, a_request("Debian 12"), response).ok());
    IdentityRecord identity;
    identity.standing = one.standing;
    fleet_->set_identity(web1_id, identity);
    const grpc::Status status = sync_over(channel, a_request("Debian 13"), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_THAT(status.error_message(), HasSubstr(one.what_to_do));
    EXPECT_EQ(counter("muster_collector_rejected_total", one.reason), 1);
  }
  EXPECT_EQ(fleet_->list_hosts().hosts(0).os_pretty_name(), "Debian 12");
}

TEST_F(SyncServerTest, ARemovalIsHeededByTheNextReportOfAnOpenConnection) {
  const auto channel = connect_as(client_pair(authority_, web1_id));
  v1::SyncResponse response;
  ASSERT_TRUE(sync_over(channel, a_request("Debian 12"), response).ok());
  fleet_->remove_host(web1_id);
  EXPECT_EQ(sync_over(channel, a_request("Debian 13"), response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(counter("muster_collector_rejected_total", "unknown_host"), 1);
}

TEST_F(SyncServerTest, ACaThatWasDroppedIsGoodForNothingOnAnOpenConnectionEither) {
  const StateFiles files(directory_.path());
  const KeyPair first = *CertificateAuthority::generate("muster.test", clock_.now());
  write("ca.pem", first.certificate);
  write("ca.key", first.key);
  authorities_ = *Authorities::load(files, "muster.test");
  ASSERT_TRUE(authorities_->prepare(clock_.now()).ok());
  write("ca.crt", authorities_->bundle()->pem);
  start();
  const KeyPair old_pair = client_pair(*authorities_->signing(), web1_id);
  ASSERT_TRUE(authorities_->activate(authorities_->roots().back()->sha256()).ok());
  const KeyPair new_pair = client_pair(*authorities_->signing(), web1_id);
  const auto old_connection = connect_as(old_pair);
  const auto new_connection = connect_as(new_pair);
  v1::SyncResponse response;
  for (const auto& connection : {old_connection, new_connection})
    ASSERT_TRUE(sync_over(connection, a_request("Debian 12"), response).ok());

  ASSERT_TRUE(authorities_->retire().ok());
  const grpc::Status refused = sync_over(old_connection, a_request("Debian 13"), response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(refused.error_message(), HasSubstr("dropped"));
  EXPECT_EQ(counter("muster_collector_rejected_total", "certificate"), 1);
  // Nor does a certificate of the new CA come out of it.
  const auto identity = v1::IdentityService::NewStub(old_connection);
  const auto until = std::chrono::system_clock::now() + std::chrono::seconds(30);
  grpc::ClientContext renewing;
  renewing.set_deadline(until);
  v1::RenewResponse renewed;
  EXPECT_EQ(identity->Renew(&renewing, {}, &renewed).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  grpc::ClientContext asking;
  asking.set_deadline(until);
  v1::GetTrustBundleResponse bundle;
  EXPECT_EQ(identity->GetTrustBundle(&asking, {}, &bundle).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  const grpc::Status taken = sync_over(new_connection, a_request("Debian 12"), response);
  EXPECT_TRUE(taken.ok()) << taken.error_message();

  // A connection from now on is not even made.
  server_.reset();
  write("ca.crt", authorities_->bundle()->pem);
  start();
  EXPECT_EQ(sync_as(old_pair, a_request("Debian 13"), response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(sync_as(new_pair, a_request("Debian 12"), response).ok());
}

TEST_F(SyncServerTest, OnceANewerCertificateHasReportedTheOlderOneIsRefused) {
  const auto older = connect_as(client_pair(authority_, web1_id, std::chrono::days(7), 1));
  const auto newer = connect_as(client_pair(authority_, web1_id, std::chrono::days(7), 12));
  v1::SyncResponse response;
  EXPECT_TRUE(sync_over(older, a_request("Debian 12"), response).ok());
  EXPECT_TRUE(sync_over(newer, a_request("Debian 12"), response).ok());
  EXPECT_EQ(fleet_->newest_seen(web1_id), 12U);
  const grpc::Status status = sync_over(older, a_request("Debian 12"), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("newer certificate"));
  EXPECT_EQ(counter("muster_collector_rejected_total", "superseded"), 1);
  EXPECT_TRUE(sync_over(newer, a_request("Debian 12"), response).ok());
}

TEST_F(SyncServerTest, AReportOutOfBoundsIsRefusedAndCounted) {
  v1::SyncRequest request = a_request("Debian 12");
  request.mutable_versions(0)->set_digest(std::string(32, 'x'));
  v1::SyncResponse response;
  const KeyPair client = client_pair(authority_, web1_id);
  EXPECT_EQ(sync_as(client, request, response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(counter("muster_collector_rejected_total", "digest"), 1);
  request.mutable_versions(0)->set_entity("web1/postgresql");
  EXPECT_EQ(sync_as(client, request, response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(counter("muster_collector_rejected_total", "entity"), 1);
  EXPECT_EQ(counter("muster_collector_syncs_total", "rejected"), 2);
}

TEST_F(SyncServerTest, AMessageBeyondTheLimitIsRefusedAndCounted) {
  v1::SyncRequest request = a_request("Debian 12");
  request.mutable_versions(0)->set_facts(std::string(kMessageLimit, 'x'));
  v1::SyncResponse response;
  const grpc::Status status = sync_as(client_pair(authority_, web1_id), request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("larger than 8388608 bytes"));
  EXPECT_EQ(counter("muster_collector_rejected_total", "size"), 1);
}

TEST_F(SyncServerTest, AMessageThatIsFarBeyondTheLimitIsRefusedByGrpc) {
  v1::SyncRequest request = a_request("Debian 12");
  request.mutable_versions(0)->set_facts(std::string(kMessageLimit + 1024 * 1024, 'x'));
  v1::SyncResponse response;
  EXPECT_EQ(sync_as(client_pair(authority_, web1_id), request, response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(SyncServerTest, AFullDiskIsToBeTriedAgainAndNothingIsAcknowledged) {
  server_.reset();
  store_.reset();
  store_ = *StoreSqlite::open({.path = directory_.file("store.db"), .max_pages = 40});
  fleet_.emplace(clock_, *store_, std::make_shared<policy::Policy>());
  fleet_->load(*store_->load_hosts());
  start();
  v1::SyncResponse response;
  const KeyPair client = client_pair(authority_, web1_id);
  EXPECT_EQ(sync_as(client, a_request(std::string(500'000, 'x')), response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(response.committed_size(), 0);
  EXPECT_FALSE(store_->writable());
  EXPECT_EQ(fleet_->list_hosts().hosts(0).os_pretty_name(), "");
  EXPECT_TRUE(sync_as(client, a_request("Debian 12"), response).ok());
  EXPECT_TRUE(store_->writable());
}

TEST_F(SyncServerTest, WhatIsShownOfTheDiskIsLeftToWhoAsksTheStore) {
  // The store knows of failed checkpoints, a report that is committed does not.
  metrics_.store_writable().Set(0);
  v1::SyncResponse response;
  EXPECT_TRUE(sync_as(client_pair(authority_, web1_id), a_request("Debian 12"), response).ok());
  EXPECT_EQ(metrics_.store_writable().Value(), 0);
}

TEST_F(SyncServerTest, AFullQueueIsToBeTriedAgainAndSaysNothingOfTheDisk) {
  server_.reset();
  store_.reset();
  store_ = *StoreSqlite::open({.path = directory_.file("store.db"), .queue_operations = 0});
  start();
  v1::SyncResponse response;
  const KeyPair client = client_pair(authority_, web1_id);
  const grpc::Status status = sync_as(client, a_request("Debian 12"), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("queue is full"));
  EXPECT_TRUE(store_->writable());
  EXPECT_EQ(counter("muster_collector_syncs_total", "failed"), 1);
}

TEST_F(SyncServerTest, AConnectionThatIsOldIsMadeAnew) {
  server_.reset();
  start(std::chrono::milliseconds(100));
  const auto channel = connect_as(client_pair(authority_, web1_id));
  v1::SyncResponse response;
  ASSERT_TRUE(sync_over(channel, a_request("Debian 12"), response).ok());
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(30);
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, deadline));
  EXPECT_TRUE(sync_over(channel, a_request("Debian 12"), response).ok());
}

TEST_F(SyncServerTest, TwoServersDoNotShareAPort) {
  const std::string address = "127.0.0.1:" + std::to_string(server_->ports().front());
  const auto second = SyncServer::start({.addresses = {address},
                                         .certificate_path = directory_.file("server.crt"),
                                         .key_path = directory_.file("server.key"),
                                         .ca_path = directory_.file("ca.crt"),
                                         .trust_domain = "muster.test"},
                                        clock_, *store_, *fleet_, metrics_, [] { return 0.0; });
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("cannot listen on " + address));
}

}  // namespace
}  // namespace muster::collector
