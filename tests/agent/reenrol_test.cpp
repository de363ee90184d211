// A new certificate for one that has expired, from a real HTTPS server on loopback.
#include "agent/identity/reenrol.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "agent/output/status_text.h"
#include "tests/agent/fake_https_server.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReenrolTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::RenewResponse> ask(const Address& collector) {
    HttpsReenrolment way(context_, {.collector = collector, .proxy = {}, .roots_path = roots_});
    std::optional<absl::StatusOr<v1::RenewResponse>> result;
    v1::ReenrolRequest request;
    request.set_certificate("the old one");
    request.set_signature("\x01\x02");
    way.ask(request, [&result](const auto& answer) { result = answer; });
    context_.restart();
    context_.run();
    return result.value();
  }

  const TestCertificate ca_ = make_certificate("fleet CA", nullptr, "");
  const TestCertificate server_ = make_certificate("collector", &ca_, "IP:127.0.0.1");
  test::TemporaryDirectory directory_;
  const std::string roots_ = directory_.write("ca.pem", ca_.pem());
  boost::asio::io_context context_{1};
};

TEST_F(ReenrolTest, PostsTheOldCertificateWithItsSignatureAndBringsBackTheNew) {
  FakeHttpsServer server(server_, ca_, [](const std::string&) {
    return http_response(200, R"({"certificate": "new", "ca_certificates": "roots"})");
  });
  const auto answer = ask(server.address());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->certificate(), "new");
  const std::string posted = server.request();
  EXPECT_THAT(posted, StartsWith("POST /api/v1/reenroll HTTP/1.1\r\n"));
  v1::ReenrolRequest request;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  posted.substr(posted.find("\r\n\r\n") + 4), &request)
                  .ok());
  EXPECT_EQ(request.certificate(), "the old one");
  EXPECT_EQ(request.signature(), "\x01\x02");
}

TEST_F(ReenrolTest, TellsANoFromATroubleThatPasses) {
  const struct {
    int status;
    absl::StatusCode code;
  } cases[] = {{403, absl::StatusCode::kPermissionDenied},
               {400, absl::StatusCode::kPermissionDenied},
               {429, absl::StatusCode::kUnavailable},
               {503, absl::StatusCode::kUnavailable}};
  for (const auto& test : cases) {
    FakeHttpsServer server(server_, ca_, [&test](const std::string&) {
      return http_response(test.status, R"({"error": "it ended too long ago"})");
    });
    const absl::Status status = ask(server.address()).status();
    EXPECT_EQ(status.code(), test.code) << test.status;
    EXPECT_THAT(std::string(text_of(status)), HasSubstr("it ended too long ago"));
  }
}

TEST_F(ReenrolTest, SendsNothingToAServerThatItDoesNotTrust) {
  const TestCertificate other_ca = make_certificate("fleet CA", nullptr, "");
  const TestCertificate impostor = make_certificate("collector", &other_ca, "IP:127.0.0.1");
  FakeHttpsServer server(impostor, other_ca, [](const std::string&) { return ""; });
  const absl::Status status = ask(server.address()).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(text_of(status)), HasSubstr("does not verify against the CA certif"));
  EXPECT_EQ(server.request(), "");
}

TEST_F(ReenrolTest, IsGivenUpAtOnceWithWhoAsked) {
  FakeHttpsServer server(server_, ca_, [](const std::string&) { return ""; });
  {
    // Had it waited for the time-out, so would this test.
    HttpsReenrolment way(context_, {.collector = server.address(),
                                    .proxy = {},
                                    .roots_path = roots_,
                                    .timeout = std::chrono::hours(1)});
    way.ask({}, [](const auto&) { FAIL() << "called"; });
  }
  context_.run();
}

}  // namespace
}  // namespace muster::agent
