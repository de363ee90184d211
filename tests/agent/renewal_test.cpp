// Renewals with real files, and a collector in memory that signs.
#include "agent/identity/renewal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "agent/identity/renewal_rules.h"
#include "agent/output/status_text.h"
#include "common/digest.h"
#include "common/failpoint.h"
#include "common/superseded.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/agent/fake_transport.h"
#include "tests/agent/host_identities.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr TimePoint kThen{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 12h};

class HandClock : public Clock {
 public:
  TimePoint now() const override { return time + wrong_by; }
  Duration uptime() const override { return time - kThen; }
  TimePoint time = kThen;
  Duration wrong_by{0};
};

class FakeReenrolment : public Reenrolment {
 public:
  explicit FakeReenrolment(boost::asio::io_context& context) : context_(context) {}
  void ask(const v1::ReenrolRequest& request, SyncTransport::RenewDone done) override {
    requests.push_back(request);
    boost::asio::post(context_,
                      [answer = answer(request), done = std::move(done)] { done(answer); });
  }
  std::vector<v1::ReenrolRequest> requests;
  std::function<absl::StatusOr<v1::RenewResponse>(const v1::ReenrolRequest&)> answer;

 private:
  boost::asio::io_context& context_;
};

class RenewalTest : public ::testing::Test {
 protected:
  RenewalTest() {
    config_.collectors = {{"collector.example.org", 8433}};
    config_.enrolment = {"collector.example.org", 8443};
    config_.state_directory = directory_.path();
    config_.identity = identity_in(directory_.path());
    directory_.write("ca.pem", ca_.pem());
    directory_.write("identity.pem", make_host_identity(ca_, {.issued_at = kThen}), 0600);
    collector_.renew = [this](const v1::RenewRequest& request) {
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
    reenrolment_.answer = [this](const v1::ReenrolRequest& request) {
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
  }
  ~RenewalTest() override { renewal_.stop(); }

  // As the collector does: the next generation, or for the newest's key the same again.
  v1::RenewResponse give(const std::string& signing_request, HostWish wish) {
    const EvpPkeyPtr key = requested_key(signing_request);
    const std::string pem = public_key_pem(key.get());
    if (pem != newest_key_) ++generation_;
    newest_key_ = pem;
    wish.generation = generation_;
    v1::RenewResponse response;
    response.set_certificate(make_host_certificate(ca_, key.get(), wish));
    response.set_ca_certificates(roots_);
    response.set_generation(static_cast<uint64_t>(generation_));
    return response;
  }
  static std::string public_key_pem(EVP_PKEY* key) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio.get(), key);
    return bio_content(bio.get());
  }

  void start() { renewal_.start(config_, transport_, &reenrolment_); }
  // All that is asked for at once, answers included; no timer.
  void settle() {
    context_.restart();
    context_.poll();
  }
  void look() {
    renewal_.look();
    settle();
  }
  // Past the wait that follows a failure, which is by the steady clock: 200 ms at most here, for
  // the tests' random number is 0.
  void wait_for(size_t renewals) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (collector_.renewals.size() < renewals) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      context_.restart();
      context_.run_for(5ms);
    }
    settle();
  }
  absl::StatusOr<v1::SyncResponse> answer_with(const std::function<void(v1::SyncResponse&)>& edit) {
    v1::SyncResponse response;
    response.set_epoch(1);
    response.set_host("web1");
    *response.mutable_server_time() = to_proto(clock_.time);
    edit(response);
    return response;
  }
  void report(const std::function<void(v1::SyncResponse&)>& edit) {
    renewal_.take_report(answer_with(edit));
    settle();
  }
  uint64_t generation() const { return renewal_.certificate()->generation; }
  bool is_pending() const { return std::filesystem::exists(directory_.file("identity.next.pem")); }

  const TestCertificate ca_ = make_certificate("fleet CA", nullptr, "", 24 * 365 * 10);
  std::string roots_ = ca_.pem();
  int generation_ = 1;
  std::string newest_key_;
  test::TemporaryDirectory directory_;
  HandClock clock_;
  boost::asio::io_context context_{1};
  FakeCollector collector_;
  FakeTransport transport_{context_, collector_};
  FakeReenrolment reenrolment_{context_};
  Config config_;
  int renewed_ = 0;
  int changed_ = 0;
  Renewal renewal_{context_,
                   clock_,
                   [] { return 0.0; },
                   "machine",
                   {.renewed = [this] { ++renewed_; }, .changed = [this] { ++changed_; }}};
};

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

#if MUSTER_FAILPOINTS
TEST_F(RenewalTest, WhatCannotBeKeptIsNotAskedForAndOnAFullDiskTheOldIdentityStays) {
  clock_.time = kThen + 84h;
  const std::string before = directory_.read("identity.pem");
  ASSERT_TRUE(failpoint::set_rules("file.write@identity.next.pem=ENOSPC").ok());
  start();
  settle();
  EXPECT_THAT(collector_.renewals, IsEmpty());
  EXPECT_THAT(renewal_.error(), HasSubstr("keeping the next key: "));
  ASSERT_TRUE(failpoint::set_rules("file.write@identity.pem=ENOSPC").ok());
  wait_for(1);
  EXPECT_THAT(renewal_.error(), HasSubstr("identity.pem"));
  EXPECT_EQ(directory_.read("identity.pem"), before);
  failpoint::clear();
  wait_for(2);
  EXPECT_EQ(renewal_.error(), "");
  EXPECT_EQ(generation(), 2) << "the same key, so the same generation";
}

TEST_F(RenewalTest, AKeyThatStaysPendingIsNotUsedTwice) {
  clock_.time = kThen + 84h;
  ASSERT_TRUE(failpoint::set_rules("renewal.remove_pending=EIO").ok());
  start();
  settle();
  failpoint::clear();
  EXPECT_EQ(generation(), 2);
  EXPECT_TRUE(is_pending());
  clock_.time += 84h;
  renewal_.look();
  wait_for(2);
  EXPECT_EQ(generation(), 3);
  EXPECT_FALSE(is_pending());
}

// The collector's rules never see another key than the one it gave a generation to.
TEST_F(RenewalTest, KilledAnywhereItAsksForTheSameKeyAgain) {
  clock_.time = kThen + 84h;
  const TestCertificate second = make_certificate("fleet CA 2", nullptr, "", 24 * 3650);
  const std::string identity = directory_.read("identity.pem");
  for (const char* point :
       {"file.write@identity.next.pem", "file.rename@identity.next.pem", "renewal.key_written",
        "renewal.answered", "file.write@ca.pem", "file.rename@ca.pem", "renewal.bundle_written",
        "file.create@identity.pem", "file.write@identity.pem", "file.sync@identity.pem",
        "file.rename@identity.pem", "renewal.certificate_written", "renewal.remove_pending"}) {
    SCOPED_TRACE(point);
    std::filesystem::remove(directory_.file("identity.next.pem"));
    directory_.write("identity.pem", identity, 0600);
    directory_.write("ca.pem", ca_.pem());
    roots_ = ca_.pem() + second.pem();
    // What the collector has committed lives on when the agent dies: in a file.
    directory_.write("given", "");
    const auto& give_and_note = [this](const v1::RenewRequest& request) {
      directory_.write("given",
                       public_key_pem(requested_key(request.certificate_signing_request()).get()));
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
    collector_.renew = give_and_note;
    const test::ChildEnd end =
        test::run_until_killed(fmt::format("{}#1=kill", point), [this](const auto&) {
          start();
          settle();
          return true;
        });
    ASSERT_TRUE(end.killed);
    const std::string given = directory_.read("given");
    const std::string held = directory_.read("identity.pem");
    ASSERT_TRUE(check_identity(held, held, ca_.pem()).ok()) << "key and certificate fit";
    const bool has_it = given == public_key_pem(key_of(held).get());
    Renewal next(context_, clock_, [] { return 0.0; }, "", {.renewed = [] {}, .changed = [] {}});
    collector_.renewals.clear();
    next.start(config_, transport_, &reenrolment_);
    settle();
    if (has_it) {
      EXPECT_THAT(collector_.renewals, IsEmpty());
    } else {
      ASSERT_THAT(collector_.renewals, SizeIs(1));
      const std::string wanted =
          public_key_pem(requested_key(collector_.renewals[0].certificate_signing_request()).get());
      EXPECT_TRUE(given.empty() || given == wanted);
    }
    EXPECT_EQ(next.error(), "");
    next.stop();
  }
}
#endif

}  // namespace
}  // namespace muster::agent
