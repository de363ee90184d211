#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <future>

#include "collector/http/endpoints.h"
#include "collector/identity/certificate_generation.h"
#include "collector/identity/renewal.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reenrolments.h"

namespace muster::collector::http {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string web1_id = "0123456789abcdef0123456789abcdef";

// The endpoint over a real Renewal with a store in memory, asked without a socket.
class ReenrolEndpoint : public testing::Test {
 protected:
  ReenrolEndpoint()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        enrolment_(clock_, store_, fleet_, authorities_, turns_, {"a.test:8433"}),
        renewal_({.clock = clock_,
                  .store = store_,
                  .fleet = fleet_,
                  .authorities = authorities_,
                  .turns = turns_,
                  .log = log_}) {
    context_.renewal = &renewal_;
    context_.renewal_log = &log_;
    HostRecord host;
    host.id = web1_id;
    host.name = "web1";
    host.enrolled_at = clock_.now();
    host.identity.generation = 1;
    host.identity.key_sha256 = public_key_sha256(key_from_pem(key_.key_pem).get());
    fleet_.add_host(host);
    certificate_ = *authorities_.signing()->issue_client(key_.pem, web1_id, 1, clock_.now(),
                                                         std::chrono::days(7));
    clock_.advance(std::chrono::days(9));
  }

  // An address that has no more rights than any other.
  Response post(const std::string& body, const std::string& peer = "192.0.2.1",
                const std::string& type = "application/json") {
    Request request;
    request.method = "POST";
    request.path = "/api/v1/reenroll";
    request.peer = peer;
    request.headers["content-type"] = type;
    request.body = body;
    std::promise<Response> answer;
    handler_(std::move(request),
             [&answer](Response response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }

  std::string good_body() {
    std::string body;
    google::protobuf::util::MessageToJsonString(
        make_reenrolment(make_signing_request(), certificate_, key_.key_pem), &body);
    return body;
  }

  double counted(const std::string& result) {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "muster_collector_reenrolments_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label.front().value == result) return metric.counter.value;
      }
    }
    return -1;
  }

  FakeClock clock_;
  FakeStore store_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  RenewalLog log_{clock_, metrics_};
  HostTurns turns_;
  Authorities authorities_;
  Fleet fleet_;
  Enrolment enrolment_;
  Renewal renewal_;
  bool ready_ = true;
  EndpointContext context_{.fleet = fleet_,
                           .enrolment = enrolment_,
                           .registry = registry_,
                           .clock = clock_,
                           .ready = [this] { return ready_; },
                           .reload = [] { return std::string(); },
                           .policy_text = [] { return std::string(); },
                           .users = {},
                           .advertised_address = "a.test:8443",
                           .tls = true};
  Handler handler_ = make_endpoints(context_);
  SigningRequest key_ = make_signing_request();
  std::string certificate_;
};

TEST_F(ReenrolEndpoint, GivesACertificateForOneThatHasEndedToAnybodyWhoProvesIt) {
  const Response response = post(good_body());
  ASSERT_EQ(response.status, 200) << response.body;
  v1::RenewResponse renewed;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &renewed).ok());
  EXPECT_EQ(renewed.generation(), 2u);
  EXPECT_EQ(generation_of(parse_certificate(renewed.certificate())->get()), 2u);
  EXPECT_EQ(renewed.ca_certificates(), authorities_.bundle()->pem);
  EXPECT_EQ(counted("renewed"), 1);
}

TEST_F(ReenrolEndpoint, TakesFieldsOfANewerAgent) {
  const Response response = post(R"({"something_new": 1, )" + good_body().substr(1));
  EXPECT_EQ(response.status, 200) << response.body;
}

TEST_F(ReenrolEndpoint, RefusesWhatIsNoRequest) {
  for (const char* body : {"", "{", "[]", "{}", R"({"signature": 5})", R"({"signature": "%%%"})",
                           R"({"certificate": ["x"]})", "\xff\xfe"}) {
    EXPECT_EQ(post(body).status, 400) << body;
  }
  EXPECT_EQ(post(good_body(), "192.0.2.2", "text/plain").status, 400);
  EXPECT_EQ(counted("refused"), 9);
}

TEST_F(ReenrolEndpoint, TellsAStrangerNothingOfTheHost) {
  std::string body;
  google::protobuf::util::MessageToJsonString(
      make_reenrolment(make_signing_request(), certificate_, make_signing_request().key_pem),
      &body);
  const Response there = post(body);
  EXPECT_EQ(there.status, 403);
  EXPECT_THAT(there.body, HasSubstr("muster-agent enroll"));
  EXPECT_THAT(there.body, Not(HasSubstr("web1")));
  fleet_.remove_host(web1_id);
  const Response gone = post(body);
  EXPECT_EQ(gone.status, 403);
  EXPECT_EQ(gone.body, there.body);
}

TEST_F(ReenrolEndpoint, BoundsWhoAsksByAddressAndApartFromThoseWhoEnrol) {
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(post("{", "2001:db8::1").status, 400);
  const Response throttled = post(good_body(), "2001:db8::2");
  EXPECT_EQ(throttled.status, 429) << "the same network";
  EXPECT_EQ(throttled.headers.front().first, "Retry-After");
  EXPECT_EQ(counted("throttled"), 1);
  EXPECT_EQ(post(good_body(), "2001:db8:0:1::1").status, 200) << "another one";
  clock_.advance(std::chrono::seconds(3));
  EXPECT_EQ(post("{", "2001:db8::1").status, 400);
  EXPECT_EQ(post("{", "2001:db8::1").status, 429);
}

TEST_F(ReenrolEndpoint, SaysWhenToTryAgainWhileTheStoreCannotTakeIt) {
  store_.status = absl::ResourceExhaustedError("the disk is full");
  const std::string body = good_body();
  EXPECT_EQ(post(body).status, 503);
  ready_ = false;
  EXPECT_EQ(post(body).status, 503);
  ready_ = true;
  store_.status = absl::OkStatus();
  EXPECT_EQ(post(body).status, 200);
}

TEST_F(ReenrolEndpoint, SaysThatOthersMakeTheCertificatesWhereThatIsSo) {
  context_.renewal = nullptr;
  const Response response = post(good_body());
  EXPECT_EQ(response.status, 409);
  EXPECT_THAT(response.body, HasSubstr("where they come from"));
}

}  // namespace
}  // namespace muster::collector::http
