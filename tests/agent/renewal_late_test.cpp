// Certificates that have ended, and clocks that are wrong.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/status_text.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/agent/renewal_fixture.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(RenewalTest, AnExpiredOneGoesByHttpsSignedByTheOldKeyAndIsNotReportedWith) {
  const std::string before = directory_.read("identity.pem");
  clock_.time = kThen + 169h;
  v1::SyncRequest request;
  start();
  EXPECT_TRUE(absl::IsFailedPrecondition(renewal_.prepare(request)));
  EXPECT_THAT(std::string(text_of(renewal_.prepare(request))),
              HasSubstr("expired on 2026-11-28T12:00:00Z: nothing is reported"));
  settle();
  EXPECT_THAT(collector_.renewals, IsEmpty());
  ASSERT_THAT(reenrolment_.requests, SizeIs(1));
  const v1::ReenrolRequest& asked = reenrolment_.requests[0];
  EXPECT_THAT(asked.certificate(), Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(before, HasSubstr(asked.certificate()));
  const EvpMdCtxPtr verification(EVP_MD_CTX_new());
  const EvpPkeyPtr old_key = key_of(before);
  ASSERT_EQ(EVP_DigestVerifyInit(verification.get(), nullptr, EVP_sha256(), nullptr, old_key.get()),
            1);
  const std::string& signed_text = asked.certificate_signing_request();
  EXPECT_EQ(EVP_DigestVerify(verification.get(),
                             reinterpret_cast<const unsigned char*>(asked.signature().data()),
                             asked.signature().size(),
                             reinterpret_cast<const unsigned char*>(signed_text.data()),
                             signed_text.size()),
            1);
  EXPECT_EQ(generation(), 2);
  EXPECT_EQ(renewed_, 2);
  EXPECT_TRUE(renewal_.prepare(request).ok());
}

TEST_F(RenewalTest, WhereNothingElseHelpsItSaysHowToGetAToken) {
  clock_.time = kThen + 169h;
  reenrolment_.answer = [](const v1::ReenrolRequest&) -> absl::StatusOr<v1::RenewResponse> {
    return absl::PermissionDeniedError("the collector refuses (HTTP 403): it ended too long ago");
  };
  renewal_.assume_host("web1");
  start();
  settle();
  const std::string command = fmt::format(
      "get a token with `muster-collector token create --host web1` at the collector, then here "
      "`muster-agent enroll --force --collector https://collector.example.org:8443 --token-file - "
      "--ca-sha256 {} --state-directory {}`",
      to_hex(ca_.sha256()), directory_.path());
  EXPECT_EQ(renewal_.error(),
            "this host's certificate expired on 2026-11-28T12:00:00Z, and the collector refuses "
            "(HTTP 403): it ended too long ago: " +
                command);
  renewal_.stop();

  config_.enrolment = {};
  renewal_.assume_host("$(rm -rf /)");
  renewal_.start(config_, transport_, nullptr);
  EXPECT_THAT(renewal_.error(), HasSubstr("agent.yml names no `enrolment:`"));
  EXPECT_THAT(renewal_.error(), HasSubstr("token create --host NAME"));
  EXPECT_THAT(renewal_.error(), HasSubstr("--collector https://COLLECTOR:8443"));
  // A collector that is away is no reason for a token.
  reenrolment_.answer = [](const v1::ReenrolRequest&) -> absl::StatusOr<v1::RenewResponse> {
    return absl::UnavailableError("connecting to 192.0.2.1:8443: refused");
  };
  renewal_.start(config_, transport_, &reenrolment_);
  settle();
  EXPECT_THAT(renewal_.error(), HasSubstr("asking for another: connecting to"));
  EXPECT_THAT(renewal_.error(), Not(HasSubstr("token")));
}

// The collector measures how far a clock is off: so the host must go on reporting.
TEST_F(RenewalTest, AClockThatIsSetWrongStopsNoReportsOnceTheCollectorsIsKnown) {
  start();
  settle();
  report([](v1::SyncResponse&) {});
  v1::SyncRequest request;
  for (const Duration wrong_by : {Duration(24h * 365), Duration(-24h * 365)}) {
    clock_.wrong_by = wrong_by;
    look();
    EXPECT_TRUE(renewal_.prepare(request).ok());
    EXPECT_THAT(reenrolment_.requests, IsEmpty());
    EXPECT_THAT(collector_.renewals, IsEmpty());
  }
}

TEST_F(RenewalTest, WhoSleptPastItsEndAsksByHttpsThoughTheCollectorSeemedYoungerBefore) {
  start();
  settle();
  report([](v1::SyncResponse&) {});
  // A virtual machine that was paused: its clock has been set right since, its uptime has not.
  clock_.wrong_by = 169h;
  v1::SyncRequest request;
  EXPECT_TRUE(renewal_.prepare(request).ok());
  reenrolment_.answer = [this](const v1::ReenrolRequest& asked) {
    return give(asked.certificate_signing_request(), {.issued_at = clock_.now()});
  };
  renewal_.take_report(absl::UnavailableError("the collector ended the connection"));
  settle();
  EXPECT_THAT(reenrolment_.requests, SizeIs(1));
  EXPECT_EQ(generation(), 2);
  EXPECT_TRUE(renewal_.prepare(request).ok());
}

TEST_F(RenewalTest, AClockThatIsAheadAtTheStartIsFoundOutByANewCertificate) {
  clock_.wrong_by = 24h * 365;
  start();
  settle();
  EXPECT_EQ(renewal_.error(), "");
  EXPECT_EQ(generation(), 2);
  for (int i = 0; i < 20; ++i)
    look();
  EXPECT_THAT(reenrolment_.requests, SizeIs(1));
  EXPECT_THAT(collector_.renewals, IsEmpty());
  v1::SyncRequest request;
  EXPECT_TRUE(renewal_.prepare(request).ok());
  // And its time passes by the collector's clock.
  clock_.time += 169h;
  EXPECT_FALSE(renewal_.prepare(request).ok());
}

TEST_F(RenewalTest, NoTimeThatACollectorTellsBreaksIt) {
  start();
  for (const int64_t seconds : {std::numeric_limits<int64_t>::max(), int64_t{0}, int64_t{-1},
                                std::numeric_limits<int64_t>::min(), int64_t{7'258'118'399}}) {
    report([seconds](v1::SyncResponse& response) {
      response.mutable_server_time()->set_seconds(seconds);
    });
  }
  v1::SyncRequest request;
  EXPECT_TRUE(renewal_.prepare(request).ok()) << "by its own clock it is good";
  EXPECT_LE(collector_.renewals.size(), 5);
}

}  // namespace
}  // namespace muster::agent
