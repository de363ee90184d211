// When a certificate is renewed, and what is taken of the answer.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/identity/renewal_rules.h"
#include "agent/output/status_text.h"
#include "common/digest.h"
#include "common/superseded.h"
#include "common/timestamp.h"
#include "tests/agent/renewal_fixture.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(RenewalTest, RenewsWithANewKeyOnceHalfItsLifeIsOver) {
  const std::string before = directory_.read("identity.pem");
  start();
  settle();
  // 45 % of a week: the earliest that the jitter allows.
  clock_.time = kThen + 75h;
  look();
  EXPECT_THAT(collector_.renewals, IsEmpty());
  clock_.time = kThen + 76h;
  look();
  ASSERT_THAT(collector_.renewals, SizeIs(1));
  EXPECT_EQ(collector_.renewals[0].machine_id_hash(), "machine");
  EXPECT_EQ(generation(), 2);
  EXPECT_EQ(renewed_, 2) << "the one that it found at the start, and this one";
  const std::string after = directory_.read("identity.pem");
  EXPECT_NE(key_of(before), nullptr);
  EXPECT_EQ(EVP_PKEY_eq(key_of(before).get(), key_of(after).get()), 0);
  EXPECT_TRUE(check_identity(after, after, ca_.pem()).ok());
  EXPECT_EQ(std::filesystem::status(directory_.file("identity.pem")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(is_pending());
  look();
  EXPECT_THAT(collector_.renewals, SizeIs(1)) << "and the next at half of its own life";
}

TEST_F(RenewalTest, IsLateByNoMoreThanTheJitter) {
  Renewal late(context_, clock_, [] { return 0.999; }, "", {.renewed = [] {}, .changed = [] {}});
  clock_.time = kThen + 92h;
  late.start(config_, transport_, &reenrolment_);
  EXPECT_THAT(collector_.renewals, IsEmpty());
  clock_.time = kThen + 93h;
  late.look();
  EXPECT_THAT(collector_.renewals, SizeIs(1));
  late.stop();
}

TEST_F(RenewalTest, AFailedOneIsToldOnceAndTriedAgainForTheSameKey) {
  clock_.time = kThen + 84h;
  const auto good = collector_.renew;
  collector_.renew = [](const v1::RenewRequest&) -> absl::StatusOr<v1::RenewResponse> {
    return absl::UnavailableError("nobody listens there");
  };
  start();
  settle();
  EXPECT_EQ(renewal_.error(), "nobody listens there");
  EXPECT_TRUE(is_pending());
  v1::AgentStatus status;
  renewal_.describe(status);
  EXPECT_EQ(status.renewal_error(), "nobody listens there");
  EXPECT_EQ(status.certificate_generation(), 1);
  EXPECT_FALSE(status.renewed_by_others());
  // Looks do not make it hurry.
  for (int i = 0; i < 100; ++i)
    look();
  EXPECT_THAT(collector_.renewals, SizeIs(1));
  collector_.renew = good;
  wait_for(2);
  EXPECT_EQ(renewal_.error(), "");
  EXPECT_EQ(generation(), 2);
  EXPECT_EQ(
      public_key_pem(requested_key(collector_.renewals[0].certificate_signing_request()).get()),
      public_key_pem(requested_key(collector_.renewals[1].certificate_signing_request()).get()));
}

TEST_F(RenewalTest, AnErrorThatTellsHowLongItHasBeenSoIsOneError) {
  clock_.time = kThen + 84h;
  int tries = 0;
  collector_.renew = [&tries](const v1::RenewRequest&) -> absl::StatusOr<v1::RenewResponse> {
    return absl::UnavailableError(fmt::format("away for {}ms", ++tries * 7));
  };
  start();
  wait_for(2);
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(renewal_.error(), "away for 7ms");
  EXPECT_EQ(changed_, 1);
  EXPECT_TRUE(differs_in_numbers_only("a 1 b 22", "a 333 b 4"));
  EXPECT_TRUE(differs_in_numbers_only("", ""));
  for (const auto& [left, right] : {std::pair("a 1", "a 1 b"),
                                    {"a 1", "a"},
                                    {"a 1", "b 1"},
                                    {"1", ""},
                                    {"a", "a1"},
                                    {"1a", "a"}}) {
    EXPECT_FALSE(differs_in_numbers_only(left, right)) << left << " and " << right;
  }
}

TEST_F(RenewalTest, TakesNoCertificateThatIsNotItsNext) {
  const TestCertificate other_ca = make_certificate("fleet CA", nullptr, "", 24 * 365);
  const std::string other_key = make_key().value();
  const auto answer = [&](const v1::RenewRequest& request, const TestCertificate& ca, bool own_key,
                          const HostWish& wish) {
    const EvpPkeyPtr key =
        own_key ? requested_key(request.certificate_signing_request()) : key_of(other_key);
    v1::RenewResponse response;
    response.set_certificate(make_host_certificate(ca, key.get(), wish));
    response.set_ca_certificates(ca_.pem());
    return response;
  };
  const HostWish good{.issued_at = kThen + 84h, .generation = 2};
  const struct {
    std::function<v1::RenewResponse(const v1::RenewRequest&)> answer;
    const char* complaint;
  } cases[] = {
      {[&](const auto&) { return v1::RenewResponse(); }, "CA certificates"},
      {[&](const auto& request) {
         auto response = answer(request, ca_, true, good);
         response.clear_certificate();
         return response;
       },
       "reading the new certificate"},
      {[&](const auto& request) { return answer(request, ca_, false, good); },
       "is not for this host's key"},
      {[&](const auto& request) { return answer(request, other_ca, true, good); },
       "has signed the new certificate"},
      {[&](const auto& request) {
         HostWish wish = good;
         wish.names = "URI:spiffe://fleet.example.org/host/other";
         return answer(request, ca_, true, wish);
       },
       "not for this host"},
      {[&](const auto& request) {
         HostWish wish = good;
         wish.usage = "serverAuth";
         return answer(request, ca_, true, wish);
       },
       "is not for TLS clients"},
      {[&](const auto& request) {
         HostWish wish = good;
         wish.generation = 0;
         return answer(request, ca_, true, wish);
       },
       "older than the one in use"},
      {[&](const auto& request) {
         HostWish wish = good;
         wish.life = -1h;
         return answer(request, ca_, true, wish);
       },
       "has expired already"},
      {[&](const auto& request) {
         auto response = answer(request, ca_, true, good);
         response.mutable_certificate()->append(65 << 10, '\n');
         return response;
       },
       "bytes, more than"},
  };
  clock_.time = kThen + 84h;
  const std::string before = directory_.read("identity.pem");
  for (const auto& test : cases) {
    collector_.renew = test.answer;
    Renewal renewal(context_, clock_, [] { return 0.0; }, "", {.renewed = [] {}, .changed = [] {}});
    renewal.start(config_, transport_, &reenrolment_);
    settle();
    EXPECT_THAT(renewal.error(), HasSubstr(test.complaint));
    EXPECT_EQ(directory_.read("identity.pem"), before) << test.complaint;
    EXPECT_EQ(directory_.read("ca.pem"), ca_.pem()) << test.complaint;
    renewal.stop();
  }
}

TEST_F(RenewalTest, IdentityFilesOfOthersAreLeftAlone) {
  config_.identity.renewed_by_agent = false;
  clock_.time = kThen + 1000h;
  start();
  report([](v1::SyncResponse& response) {
    response.set_renew_certificate(true);
    response.set_trust_bundle_sha256(std::string(32, 'x'));
  });
  EXPECT_THAT(collector_.renewals, IsEmpty());
  EXPECT_EQ(collector_.trust_bundles_asked, 0);
  v1::SyncRequest request;
  EXPECT_TRUE(renewal_.prepare(request).ok());
  EXPECT_EQ(request.trust_bundle_sha256(), "");
  v1::AgentStatus status;
  renewal_.describe(status);
  EXPECT_TRUE(status.renewed_by_others());
  EXPECT_EQ(status.certificate_generation(), 1);
}

TEST_F(RenewalTest, RenewsEarlyWhereTheCollectorAsksForItAndDoesNotRunInCircles) {
  start();
  settle();
  for (int i = 0; i < 50; ++i)
    report([](v1::SyncResponse& response) { response.set_renew_certificate(true); });
  EXPECT_GE(collector_.renewals.size(), 1);
  EXPECT_LE(collector_.renewals.size(), 5) << "each has to wait for longer than the one before";
  EXPECT_EQ(generation(), 1 + collector_.renewals.size());
}

TEST_F(RenewalTest, ARefusalBecauseANewerOneReportedIsARenewal) {
  start();
  settle();
  renewal_.take_report(absl::PermissionDeniedError("this host is quarantined"));
  settle();
  EXPECT_THAT(collector_.renewals, IsEmpty());
  renewal_.take_report(
      absl::PermissionDeniedError(fmt::format("{}: this one is of a copy", kSupersededWords)));
  settle();
  EXPECT_THAT(collector_.renewals, SizeIs(1));
}

TEST_F(RenewalTest, AfterARefusedReportThatIsTakenAgainItDoesNotWait) {
  clock_.time = kThen + 84h;
  const auto good = collector_.renew;
  collector_.renew = [](const v1::RenewRequest&) -> absl::StatusOr<v1::RenewResponse> {
    return absl::PermissionDeniedError("this host is quarantined");
  };
  start();
  settle();
  renewal_.take_report(absl::PermissionDeniedError("this host is quarantined"));
  settle();
  EXPECT_THAT(collector_.renewals, SizeIs(1));
  collector_.renew = good;
  report([](v1::SyncResponse&) {});
  EXPECT_THAT(collector_.renewals, SizeIs(2));
  EXPECT_EQ(generation(), 2);
}

TEST_F(RenewalTest, AnIdentityThatWasEnrolledMeanwhileStays) {
  clock_.time = kThen + 84h;
  std::string enrolled;
  const auto good = collector_.renew;
  collector_.renew = [&](const v1::RenewRequest& request) {
    enrolled = make_host_identity(
        ca_, {.issued_at = clock_.time, .names = "URI:spiffe://fleet.example.org/host/new"});
    directory_.write("identity.pem", enrolled, 0600);
    return good(request);
  };
  start();
  settle();
  EXPECT_EQ(directory_.read("identity.pem"), enrolled);
  EXPECT_THAT(renewal_.error(), HasSubstr("was replaced while"));
  look();
  EXPECT_EQ(renewal_.error(), "");
}

TEST_F(RenewalTest, LearnsTheRootsThatTheCollectorNamesAndTellsWhichItTrusts) {
  start();
  v1::SyncRequest request;
  ASSERT_TRUE(renewal_.prepare(request).ok());
  EXPECT_EQ(request.trust_bundle_sha256(), sha256(ca_.pem()));
  const TestCertificate next = make_certificate("fleet CA 2", nullptr, "", 24 * 3650);
  v1::GetTrustBundleResponse both;
  both.set_ca_certificates(ca_.pem() + next.pem());
  collector_.trust_bundle = both;
  const auto names_both = [&](v1::SyncResponse& response) {
    response.set_trust_bundle_sha256(sha256(both.ca_certificates()));
  };
  report(names_both);
  report(names_both);
  EXPECT_EQ(collector_.trust_bundles_asked, 1);
  EXPECT_EQ(directory_.read("ca.pem"), both.ca_certificates());
  ASSERT_TRUE(renewal_.prepare(request).ok());
  EXPECT_EQ(request.trust_bundle_sha256(), sha256(both.ca_certificates()));
  EXPECT_EQ(renewal_.error(), "");
}

TEST_F(RenewalTest, TakesNoRootsThatAreNoneAndDoesNotAskAtEachReport) {
  const TestCertificate leaf = make_certificate("a leaf", &ca_, "");
  const TestCertificate ended = make_certificate("old CA", nullptr, "", 0);
  std::string nine;
  for (int i = 0; i < 9; ++i)
    nine += ca_.pem();
  for (const std::string& pem :
       {std::string(), std::string("nonsense"), leaf.pem(), ca_.pem() + leaf.pem(), nine,
        ca_.pem() + ca_.key_pem(), ca_.pem() + std::string(64 << 10, '\n'),
        ca_.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    v1::GetTrustBundleResponse bundle;
    bundle.set_ca_certificates(pem);
    collector_.trust_bundle = bundle;
    collector_.trust_bundles_asked = 0;
    Renewal renewal(context_, clock_, [] { return 0.0; }, "", {.renewed = [] {}, .changed = [] {}});
    renewal.start(config_, transport_, &reenrolment_);
    for (int i = 0; i < 20; ++i) {
      renewal.take_report(answer_with([&](v1::SyncResponse& response) {
        response.set_trust_bundle_sha256(std::string(32, 'x'));
      }));
      settle();
    }
    EXPECT_LE(collector_.trust_bundles_asked, 5);
    EXPECT_THAT(renewal.error(), HasSubstr("that the collector sends are not taken"));
    EXPECT_EQ(directory_.read("ca.pem"), ca_.pem());
    renewal.stop();
  }
  EXPECT_THAT(std::string(text_of(check_trust_bundle(ended.pem(), kThen + 24h * 3650))),
              HasSubstr("all of them have expired"));
}

}  // namespace
}  // namespace muster::agent
