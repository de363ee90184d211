// The collector as a whole, in this process: init, serve, enrol, sync, reload, restart.
#include "collector/collector.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "collector/admin/channel.h"
#include "collector/admin/init.h"
#include "collector/http/unix_client.h"
#include "collector/service/state_files.h"
#include "common/files.h"
#include "common/version.h"
#include "muster/v1/fleet.pb.h"
#include "muster/v1/reporting.grpc.pb.h"
#include "tests/collector/reports.h"
#include "tests/collector/signing_requests.h"
#include "tests/common/exposition/documented_families.h"
#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

// A port that nobody listens on; between here and its use another could take it, so the range is
// below the ephemeral one and different for each process.
int a_port(int number) {
  return 12'000 + static_cast<int>(::getpid() % 4'000) * 2 + number;
}

class CollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    Config config;
    config.state_directory = directory_.file("c");
    config.names = {"localhost", "127.0.0.1"};
    config.grpc_listen = {fmt::format("127.0.0.1:{}", a_port(0))};
    config.http_listen = {fmt::format("127.0.0.1:{}", a_port(1))};
    const auto path = initialize(config, clock_);
    ASSERT_TRUE(path.ok()) << path.status();
    config_ = *load_config(*path);
    start();
  }

  void TearDown() override { stop(); }

  void start() {
    auto collector = Collector::create(config_, clock_, service_);
    ASSERT_TRUE(collector.ok()) << collector.status();
    collector_ = *std::move(collector);
    thread_ = std::thread([this] { collector_->run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    std::raise(SIGTERM);
    thread_.join();
    collector_.reset();
  }

  http::Response request(const std::string& method, const std::string& path,
                         const std::string& body = "") {
    const auto response = http::request_unix(
        StateFiles(config_.state_directory).administration_socket, method, path, body);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : http::Response{};
  }

  template <typename Message>
  Message ask(const std::string& method, const std::string& path, const std::string& body = "") {
    const http::Response response = request(method, path, body);
    EXPECT_EQ(response.status, 200) << response.body;
    Message message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &message).ok());
    return message;
  }

  static std::string to_json(const google::protobuf::Message& message) {
    std::string text;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text).ok());
    return text;
  }

  // Enrols a host; its certificate and key.
  KeyPair enrol(const std::string& name) {
    const auto token = ask<v1::CreateTokenResponse>("POST", "/admin/v1/token",
                                                    R"({"lifetime_seconds": 60, "uses": 1})");
    const SigningRequest signing_request = make_signing_request();
    v1::EnrolRequest enrolment;
    enrolment.set_token(token.token());
    enrolment.set_hostname(name);
    enrolment.set_certificate_signing_request(signing_request.pem);
    const auto response = ask<v1::EnrolResponse>("POST", "/api/v1/enroll", to_json(enrolment));
    EXPECT_EQ(response.host(), name);
    EXPECT_EQ(response.collectors(0), config_.advertise_grpc.front());
    return {.certificate = response.certificate(), .key = signing_request.key_pem};
  }

  void sync(const KeyPair& identity, const std::string& os_name) {
    const v1::SyncRequest report = a_report(clock_.now(), os_name);

    grpc::SslCredentialsOptions options;
    options.pem_root_certs =
        *read_file(StateFiles(config_.state_directory).ca_certificate, 1 << 20);
    options.pem_cert_chain = identity.certificate;
    options.pem_private_key = identity.key;
    const auto channel =
        grpc::CreateChannel(config_.advertise_grpc.front(), grpc::SslCredentials(options));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::SyncResponse response;
    const grpc::Status status =
        v1::ReportingService::NewStub(channel)->Sync(&context, report, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.committed_size(), 1);
  }

  test::TemporaryDirectory directory_;
  SystemClock clock_;
  Config config_;
  ServiceEnvironment service_;
  std::unique_ptr<Collector> collector_;
  std::thread thread_;
};

TEST_F(CollectorTest, AHostEnrolsReportsAndIsThereAfterARestartBeforeItReportsAgain) {
  sync(enrol("web1"), "Debian 12");
  const auto detail = ask<v1::HostDetail>("GET", "/admin/v1/hosts/web1");
  EXPECT_EQ(detail.summary().os_pretty_name(), "Debian 12");
  EXPECT_TRUE(detail.summary().reporting());
  EXPECT_THAT(request("GET", "/metrics?host=web1").body,
              HasSubstr("muster_host_reporting{host=\"web1\"} 1\n"));
  EXPECT_THAT(request("GET", "/metrics").body,
              HasSubstr("muster_collector_syncs_total{result=\"ok\"} 1\n"));
  stop();
  start();
  const http::Response metrics = request("GET", "/metrics");
  EXPECT_THAT(metrics.body, HasSubstr("muster_host_reporting{host=\"web1\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("muster_host_last_sync_timestamp_seconds{host=\"web1\"}"));
}

// "process_open_fds gauge" for each family of Prometheus's text, in which an info is a gauge.
std::set<std::string> exposed_families(const std::string& text) {
  std::set<std::string> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    const std::string name = line.substr(7, line.rfind(' ') - 7);
    const std::string type = line.substr(line.rfind(' ') + 1);
    families.insert(name + (name.ends_with("_info") ? " info" : " " + type));
  }
  return families;
}

// The value of a series, with its labels; -1 if it is not there.
double value_of(const std::string& text, const std::string& series) {
  const size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
}

// With something in every family that tells of it.
constexpr const char* kFullPolicy = R"(controls:
  - {id: host-reporting, title: The host reports, rule: host_reporting}
owners:
  - {team: everybody, match: {}, contact: all@example.org}
waivers:
  - {id: moving, control: host-reporting, match: {}, reason: it moves, approved_by: Ada,
     starts: 2026-01-01, ends: 2026-02-01}
dates:
  - {name: Support of the SAN, kind: support-contract, owner: everybody, date: 2027-03-31}
)";

TEST_F(CollectorTest, ItsOwnFamiliesAreThoseOfTheDocumentationAndHaveValues) {
  stop();
  config_.policy = directory_.write("policy.yml", kFullPolicy);
  const std::string inventory = directory_.write("inventory.csv", "host,site\nweb1,fra\n");
  config_.inventory = {{.name = inventory, .file = inventory, .format = InventoryFormat::kCsv}};
  config_.targets.files = {
      directory_.write("targets.yml", "targets: [{kind: tcp, address: '192.0.2.1:443'}]\n")};
  start();
  sync(enrol("web1"), "Debian 12");
  // Sizes and counts of hosts are taken every second.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string text;
  do {
    text = request("GET", "/metrics/self").body;
  } while (value_of(text, "muster_collector_hosts_reporting") != 1 &&
           std::chrono::steady_clock::now() < deadline);

  std::set<std::string> documented;
  for (const std::string& family : test::documented_families()) {
    if (test::is_of_the_collector(family)) documented.insert(family);
  }
  EXPECT_EQ(exposed_families(text), documented);
  EXPECT_EQ(value_of(text, "muster_compliance_ratio{control=\"\",by=\"site\",value=\"fra\"}"), 1);
  EXPECT_EQ(
      value_of(text, "muster_compliance_ratio{control=\"host-reporting\",by=\"\",value=\"\"}"), 1);
  EXPECT_EQ(value_of(text, "muster_policy_controls"), 1);
  EXPECT_GE(value_of(text, "muster_collector_commit_duration_seconds_count"), 1);
  EXPECT_EQ(value_of(text, "muster_collector_hosts"), 1);
  EXPECT_EQ(value_of(text, "muster_collector_hosts_reporting"), 1);
  EXPECT_GT(value_of(text, "muster_collector_store_size_bytes"), 0);
  EXPECT_EQ(value_of(text, "muster_collector_store_writable"), 1);
  EXPECT_EQ(value_of(text, "muster_collector_syncs_total{result=\"ok\"}"), 1);
  EXPECT_EQ(value_of(text, fmt::format("muster_collector_build_info{{version=\"{}\"}}", kVersion)),
            1);
  EXPECT_GT(value_of(text, "muster_collector_server_certificate_not_after_timestamp_seconds"),
            to_unix_seconds(clock_.now()));
  // Ten years, less the moment that passed.
  EXPECT_GT(value_of(text, "muster_collector_ca_certificate_not_after_timestamp_seconds"),
            to_unix_seconds(clock_.now() + std::chrono::days(3640)));
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 0);
  EXPECT_GT(value_of(text, "process_open_fds"), 0);
  EXPECT_GT(value_of(text, "process_start_time_seconds"), 0);
}

TEST_F(CollectorTest, AReloadTakesAGoodPolicyAndABadOneLeavesTheOldWithLineAndColumn) {
  enrol("web1");
  std::ofstream(config_.policy) << R"(controls:
  - id: only-one
    title: The host reports
    rule: host_reporting
    severity: low
)";
  EXPECT_EQ(request("POST", "/-/reload").status, 200);
  EXPECT_THAT(request("GET", "/metrics").body, HasSubstr("control=\"only-one\""));
  EXPECT_THAT(request("GET", "/admin/v1/policy").body, HasSubstr("only-one"));

  std::ofstream(config_.policy) << "controls:\n  - idd: x\n";
  const http::Response refused = request("POST", "/-/reload");
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr("refused, the old policy and web configuration stay: "));
  EXPECT_THAT(refused.body, HasSubstr("policy.yml:2:5"));
  EXPECT_THAT(request("GET", "/metrics").body, HasSubstr("control=\"only-one\""));
}

TEST_F(CollectorTest, AReloadSaysWhichListsStayAsTheyWereAndWhatTakesARestart) {
  stop();
  config_.targets.files = {directory_.file("targets.yml")};
  config_.targets.agents = {{"role", {"monitor"}}};
  std::ofstream(config_.targets.files[0]) << "targets: []\n";
  start();
  EXPECT_EQ(request("POST", "/-/reload").body, "Reloaded.\n");
  std::ofstream(config_.targets.files[0]) << "targets: [{kind: tcp}]\n";
  const http::Response partly = request("POST", "/-/reload");
  EXPECT_EQ(partly.status, 500);
  EXPECT_THAT(partly.body,
              HasSubstr("policy and web configuration are reloaded, but not all lists:\\n"
                        "the lists of targets keep what was said last: "));
  EXPECT_THAT(partly.body, HasSubstr("targets.yml:1:11: 'address' is missing"));
  EXPECT_THAT(partly.body, Not(HasSubstr("stay:")));
  std::ofstream(config_.targets.files[0]) << "targets: []\n";

  stop();
  config_.file_path = directory_.file("collector.yml");
  config_.file_text = "log_level: info\n";
  std::ofstream(config_.file_path) << config_.file_text;
  start();
  EXPECT_EQ(request("POST", "/-/reload").body, "Reloaded.\n");
  std::ofstream(config_.file_path) << "targets: {lease: 5m}\n";
  EXPECT_EQ(request("POST", "/-/reload").body,
            "Reloaded.\n" + config_.file_path +
                " has changed since the start; only a restart takes the change\n");
}

TEST_F(CollectorTest, AReloadTakesNewUsersWhileItServes) {
  stop();
  config_.web_config_file = directory_.file("web.yml");
  std::ofstream(config_.web_config_file) << "{}\n";
  start();
  for (int i = 0; i < 3; ++i) {
    // htpasswd -nbB admin secret
    std::ofstream(config_.web_config_file)
        << "basic_auth_users:\n  admin: "
           "$2y$05$abcdefghijklmnopqrstuuxA5cTsgpGuUVUMZOPiZmqKOlMgcWLi2\n";
    EXPECT_EQ(request("POST", "/-/reload").status, 200) << request("POST", "/-/reload").body;
  }
  std::ofstream(config_.web_config_file) << "basic_auth_user: {}\n";
  EXPECT_THAT(request("POST", "/-/reload").body, HasSubstr("web.yml:1:1"));
}

TEST_F(CollectorTest, SystemdIsToldOfStartReloadAndEnd) {
  stop();
  const test::FakeServiceManager manager(directory_.file("notify"));
  service_ = {.notify_socket = manager.address(), .watchdog = std::chrono::seconds(4)};
  start();
  EXPECT_THAT(manager.next_with("READY=1"), HasSubstr("STATUS=serving 0 hosts"));
  // Every second, as its threads answer.
  EXPECT_EQ(manager.next_with("WATCHDOG=1"), "WATCHDOG=1");
  EXPECT_EQ(manager.next_with("WATCHDOG=1"), "WATCHDOG=1");
  EXPECT_EQ(request("POST", "/-/reload").status, 200);
  EXPECT_THAT(manager.next_with("RELOADING=1"), HasSubstr("MONOTONIC_USEC="));
  EXPECT_EQ(manager.next_with("READY=1"), "READY=1");
  stop();
  EXPECT_THAT(manager.next_with("STOPPING=1"), HasSubstr("STOPPING=1"));
}

TEST_F(CollectorTest, ASecondCollectorOnTheSameDirectoryIsTurnedAway) {
  const absl::Status status = Collector::create(config_, clock_).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use by another muster-collector"));
}

TEST_F(CollectorTest, AVerbReachesTheOneThatRunsAndTheStoreWhenNoneDoes) {
  enrol("web1");
  {
    Channel channel(config_, clock_);
    EXPECT_THAT(*channel.request("GET", "/admin/v1/hosts", ""), HasSubstr("\"web1\""));
    const absl::Status status = channel.request("GET", "/admin/v1/hosts/web2", "").status();
    EXPECT_TRUE(absl::IsNotFound(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("no host is called \"web2\""));
  }
  stop();
  {
    Channel channel(config_, clock_);
    const auto hosts = channel.request("GET", "/admin/v1/hosts", "");
    ASSERT_TRUE(hosts.ok()) << hosts.status();
    EXPECT_THAT(*hosts, HasSubstr("\"web1\""));
    const auto token =
        channel.request("POST", "/admin/v1/token", R"({"lifetime_seconds": 60, "uses": 2})");
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_TRUE(absl::IsNotFound(channel.request("GET", "/admin/v1/hosts/web2", "").status()));
    EXPECT_TRUE(absl::IsInvalidArgument(channel.request("POST", "/admin/v1/token", "{}").status()));
  }
  start();
  EXPECT_EQ(ask<v1::TokenList>("GET", "/admin/v1/token").tokens(0).uses_left(), 2u);
}

TEST_F(CollectorTest, APortThatIsTakenIsSaidSo) {
  Config other = config_;
  other.state_directory = directory_.file("other");
  other.policy.clear();
  ASSERT_TRUE(initialize(other, clock_).ok());
  const absl::Status status = Collector::create(other, clock_).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr(config_.http_listen.front()));
}

}  // namespace
}  // namespace muster::collector
