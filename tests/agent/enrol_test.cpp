#include "agent/identity/enrol.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <filesystem>

#include "agent/config/config.h"
#include "agent/identity/https_post.h"
#include "agent/identity/identity.h"
#include "agent/output/status_text.h"
#include "common/failpoint.h"
#include "muster/v1/fleet.pb.h"
#include "tests/agent/fake_https_server.h"
#include "tests/agent/test_certificates.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
namespace fs = std::filesystem;

class EnrolTest : public ::testing::Test {
 protected:
  std::string enrol_at(FakeHttpsServer& server) {
    options_.collector = server.address();
    const absl::StatusOr<Enrolled> enrolled = enrol(options_);
    if (enrolled.ok()) return "enrolled as " + enrolled->host;
    return std::string(text_of(enrolled.status()));
  }

  // What a collector answers to a good request.
  std::string sign(const std::string& request) {
    EXPECT_THAT(request, StartsWith("POST /api/v1/enroll HTTP/1.1\r\n"));
    v1::EnrolRequest enrolment;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                    request.substr(request.find("\r\n\r\n") + 4), &enrolment)
                    .ok());
    EXPECT_EQ(enrolment.token(), "secret-token");
    EXPECT_EQ(enrolment.hostname(), "web1");
    const BioPtr bio = memory_bio(enrolment.certificate_signing_request());
    const X509ReqPtr csr(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    EXPECT_NE(csr, nullptr);
    EXPECT_EQ(X509_REQ_verify(csr.get(), X509_REQ_get0_pubkey(csr.get())), 1);
    return respond(make_certificate("host-1", &ca_, "", 168, X509_REQ_get0_pubkey(csr.get())));
  }

  std::string respond(const TestCertificate& certificate) {
    v1::EnrolResponse response;
    response.set_host("web1-2");
    response.set_certificate(certificate.pem());
    response.set_ca_certificates(ca_.pem());
    *response.mutable_collectors() = {collectors_.begin(), collectors_.end()};
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(response, &json).ok());
    return http_response(200, json);
  }

  std::string file(const std::string& name) const { return options_.state_directory + "/" + name; }

  const TestCertificate ca_ = make_certificate("fleet CA", nullptr, "");
  const TestCertificate server_ = make_certificate("collector", &ca_, "IP:127.0.0.1");
  std::vector<std::string> collectors_{"collector.example.org:8433", "[::1]:8433"};
  test::TemporaryDirectory directory_;
  EnrolOptions options_{.collector = {},
                        .token = "secret-token",
                        .ca_sha256 = ca_.sha256(),
                        .name = "web1",
                        .state_directory = directory_.path() + "/state",
                        .config_path = directory_.path() + "/etc/agent.yml",
                        .proxy = {}};
};

TEST_F(EnrolTest, WritesAnIdentityAndAConfiguration) {
  FakeHttpsServer server(server_, ca_,
                         [this](const std::string& request) { return sign(request); });
  EXPECT_EQ(enrol_at(server), "enrolled as web1-2");
  EXPECT_EQ(fs::status(file("identity.pem")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  const std::string identity = directory_.read("state/identity.pem");
  EXPECT_TRUE(check_identity(identity, identity, directory_.read("state/ca.pem")).ok());
  const absl::StatusOr<Config> config = load_config(options_.config_path);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->collectors.size(), 2);
  EXPECT_EQ(config->identity.key, file("identity.pem"));
  EXPECT_EQ(config->enrolment, server.address());
}

TEST_F(EnrolTest, RefusesToReplaceAnIdentityUnlessForced) {
  fs::create_directory(options_.state_directory);
  directory_.write("state/identity.pem", "old");
  {
    FakeHttpsServer server(server_, ca_, [](const std::string&) { return ""; });
    EXPECT_THAT(enrol_at(server), HasSubstr("holds an identity already; --force"));
    EXPECT_EQ(server.request(), "");
  }
  directory_.write("etc/agent.yml", "collectors: ['mine:1']\n");
  options_.force = true;
  FakeHttpsServer server(server_, ca_,
                         [this](const std::string& request) { return sign(request); });
  EXPECT_EQ(enrol_at(server), "enrolled as web1-2");
  EXPECT_THAT(directory_.read("state/identity.pem"), HasSubstr("PRIVATE KEY"));
  EXPECT_EQ(directory_.read("etc/agent.yml"), "collectors: ['mine:1']\n") << "it stays";
}

TEST_F(EnrolTest, GoesOnWhereOneWasKilledAndClearsWhatItLeft) {
  fs::create_directory(options_.state_directory);
  directory_.write("state/ca.pem", "of an enrolment that was killed");
  directory_.write("state/identity.pem.a1B2c3", "half a ke");
  directory_.write("state/identity.pem.backup1", "not ours");
  FakeHttpsServer server(server_, ca_,
                         [this](const std::string& request) { return sign(request); });
  EXPECT_EQ(enrol_at(server), "enrolled as web1-2");
  EXPECT_THAT(directory_.read("state/identity.pem"), HasSubstr("PRIVATE KEY"));
  EXPECT_FALSE(fs::exists(directory_.file("state/identity.pem.a1B2c3")));
  EXPECT_TRUE(fs::exists(directory_.file("state/identity.pem.backup1")));
}

#if MUSTER_FAILPOINTS
// Only root gives files away; to others the point is not there.
TEST_F(EnrolTest, WhatCannotBeGivenToItsOwnerIsNoIdentityAndTheCommandIsRepeated) {
  const uint64_t expected = ::geteuid() == 0 ? 1 : 0;
  for (const char* name : {"state/ca.pem", "state/identity.pem"}) {
    SCOPED_TRACE(name);
    fs::remove_all(options_.state_directory);
    fs::remove_all(directory_.path() + "/etc");
    ASSERT_TRUE(failpoint::set_rules(fmt::format("enrol.owner@{}=EIO", name)).ok());
    {
      FakeHttpsServer server(server_, ca_,
                             [this](const std::string& request) { return sign(request); });
      const std::string said = enrol_at(server);
      EXPECT_EQ(failpoint::firings("enrol.owner"), expected);
      if (expected == 1) {
        EXPECT_THAT(said, HasSubstr("to the owner of its directory"));
        EXPECT_FALSE(fs::exists(directory_.file(name)));
      }
    }
    failpoint::clear();
    options_.force = expected == 0;
    FakeHttpsServer server(server_, ca_,
                           [this](const std::string& request) { return sign(request); });
    EXPECT_EQ(enrol_at(server), "enrolled as web1-2");
  }
}
#endif

TEST_F(EnrolTest, SendsNothingToACollectorOfAnotherCa) {
  const TestCertificate other_ca = make_certificate("fleet CA", nullptr, "");
  const TestCertificate impostor = make_certificate("collector", &other_ca, "IP:127.0.0.1");
  FakeHttpsServer server(impostor, other_ca, [](const std::string&) { return ""; });
  EXPECT_THAT(enrol_at(server), HasSubstr("this is not your collector"));
  EXPECT_EQ(server.request(), "");
  EXPECT_FALSE(fs::exists(file("identity.pem")));
}

TEST_F(EnrolTest, ShowsWhyTheCollectorRefuses) {
  FakeHttpsServer server(server_, ca_, [](const std::string&) {
    return http_response(403, R"({"error": "the token is used up\u001b[2J"})");
  });
  EXPECT_EQ(enrol_at(server), "the collector refuses (HTTP 403): the token is used up\\x1b[2J");
  EXPECT_FALSE(fs::exists(options_.config_path));
}

TEST_F(EnrolTest, TakesNothingButAnEnrolment) {
  const TestCertificate other = make_certificate("host-1", &ca_, "");
  const TestCertificate other_ca = make_certificate("fleet CA", nullptr, "");
  const struct {
    std::string response;
    const char* complaint;
  } cases[] = {
      {http_response(200, "<html>"), "the collector's answer to /api/v1/enroll makes no sense"},
      {http_response(200, "{}"), "reading the new certificate"},
      {http_response(500, "<html>"), "refuses (HTTP 500)"},
      {respond(other), "is not for this host's key"},
      {http_response(200, std::string((1 << 20) + 1, ' ')), "body limit exceeded"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "header limit exceeded"},
      {"nonsense\r\n\r\n", "reading the answer"},
  };
  for (const auto& test : cases) {
    FakeHttpsServer server(server_, ca_, [&test](const std::string&) { return test.response; });
    EXPECT_THAT(enrol_at(server), HasSubstr(test.complaint));
    EXPECT_FALSE(fs::exists(file("identity.pem")));
  }
}

TEST_F(EnrolTest, TakesNoCollectorAddressThatIsNone) {
  for (const std::vector<std::string>& collectors :
       {std::vector<std::string>{}, std::vector<std::string>{"x: y\n"}}) {
    collectors_ = collectors;
    FakeHttpsServer server(server_, ca_,
                           [this](const std::string& request) { return sign(request); });
    EXPECT_THAT(enrol_at(server), HasSubstr("where to report"));
    EXPECT_FALSE(fs::exists(options_.config_path));
  }
}

TEST_F(EnrolTest, GoesThroughAProxyThatIsConfigured) {
  FakeHttpsServer server(
      server_, ca_, [this](const std::string& request) { return sign(request); },
      "HTTP/1.1 200 Connection established\r\n\r\n");
  options_.proxy = server.address();
  options_.collector = {"127.0.0.1", 1};
  const absl::StatusOr<Enrolled> enrolled = enrol(options_);
  EXPECT_TRUE(enrolled.ok()) << enrolled.status();
  EXPECT_THAT(server.proxy_request(), StartsWith("CONNECT 127.0.0.1:1 HTTP/1.1\r\n"));
  EXPECT_THAT(directory_.read("etc/agent.yml"), HasSubstr("proxy: 'http://127.0.0.1:"));
}

TEST_F(EnrolTest, SaysThatTheProxyRefuses) {
  FakeHttpsServer server(
      server_, ca_, [](const std::string&) { return ""; },
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n");
  options_.proxy = server.address();
  options_.collector = {"127.0.0.1", 1};
  EXPECT_THAT(std::string(text_of(enrol(options_).status())),
              HasSubstr("for 127.0.0.1:1: 403 Forbidden"));
}

TEST_F(EnrolTest, GivesUpOnAServerThatNeverAnswers) {
  FakeHttpsServer server(server_, ca_, [](const std::string&) { return ""; });
  HttpsPost post;
  post.server = server.address();
  post.path = "/";
  post.check_server = [](STACK_OF(X509)*) { return absl::OkStatus(); };
  post.timeout = 500ms;
  const absl::Status status = post_json(post).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(text_of(status)), HasSubstr("no answer in time"));
}

}  // namespace
}  // namespace muster::agent
